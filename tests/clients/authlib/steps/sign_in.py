"""code with PKCE through password and consent"""

from setting import same


def run(journey):
    journey.ana, journey.desk = journey.person("ana"), journey.browser()
    first = journey.first = journey.app.sign_in(journey.desk, journey.ana)
    same(first.answer["iss"], journey.issuer, "iss of the answer (RFC 9207)")
    claims = first.claims
    same((claims["acr"], claims["amr"]), ("urn:tertulia:acr:pwd", ["pwd"]), "acr and amr")
    person = journey.app.userinfo(token=first.tokens)
    same(person["sub"], claims["sub"], "sub of the userinfo")
    same((person["preferred_username"], person["email_verified"]), ("ana", True), "userinfo")
    journey.report["ana"] = dict(person)
    return {"pages": first.pages}
