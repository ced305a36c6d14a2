"""introspection tells the truth to whom it concerns"""

from setting import same


def needs(server):
    return "introspection_endpoint" in server


def run(journey):
    app = journey.app
    at = app.sign_in(journey.desk, journey.ana)
    access, refresh = at.tokens["access_token"], at.tokens["refresh_token"]
    told = app.introspect(access)
    same((told["active"], told["sub"]), (True, at.claims["sub"]), "an access token")
    same(told["client_id"], app.client_id, "whose it is")
    same(app.introspect(refresh)["active"], True, "a refresh token")
    same(journey.other.introspect(access), {"active": False}, "asked by another app")
    app.revoke(refresh)
    same(app.introspect(access), {"active": False}, "given back")
    return {"scope": told["scope"]}
