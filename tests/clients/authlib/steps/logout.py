"""signing out by the app ends the session, and apps hear of it"""

from joserfc import jwt
from joserfc.jwk import KeySet
from setting import same

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def run(journey):
    app, ana, browser = journey.app, journey.ana, journey.browser()
    at = app.sign_in(browser, ana)
    journey.heard.clear()
    asked = app.end_session(id_token_hint=at.tokens["id_token"], state="bye")
    browser.go(asked["url"])
    same(browser.url, f"{app.bye}?state=bye", "where the browser is")
    told = journey.eventually("a logout token", lambda: journey.heard and journey.heard[0])
    keys = KeySet.import_key_set(app.fetch_jwk_set())
    token = jwt.decode(told["logout_token"], keys, algorithms=["ES256"])
    same(token.header["typ"], "logout+jwt", "its type")
    claims = token.claims
    for claim, value in {"iss": journey.issuer, "aud": app.client_id, "events": {EVENT: {}}}.items():
        same(claims[claim], value, claim)
    for claim in ("sid", "sub"):
        same(claims[claim], at.claims[claim], claim)
    assert "nonce" not in claims, claims
    after = app.ask(browser, ana, prompt="none").answer["error"]
    same(after, "login_required", "afterwards")
    return {"typ": token.header["typ"], "after": after}
