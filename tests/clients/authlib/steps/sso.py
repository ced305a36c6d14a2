"""signing in to a second app asks for consent and no password"""

from setting import same


def run(journey):
    second = journey.pocket.sign_in(journey.desk, journey.ana)
    same(second.pages, ["consent"], "pages")
    first = journey.first.claims
    for claim in ("sub", "auth_time"):
        same(second.claims[claim], first[claim], claim)
    assert second.claims["sid"] != first["sid"], "two apps share a sid"
    same(journey.app.sign_in(journey.desk, journey.ana).pages, [], "pages of the first app again")
    return {"pages": second.pages}
