"""refresh tokens rotate, and a spent one ends the family"""

from app import refused
from setting import same


def run(journey):
    app, pocket, desk, ana = journey.app, journey.pocket, journey.desk, journey.ana
    tokens = app.sign_in(desk, ana).tokens
    following = app.refresh(tokens["refresh_token"])
    assert following["refresh_token"] != tokens["refresh_token"], "it was not rotated"
    fewer = app.refresh(following["refresh_token"], scope="openid profile")
    same(fewer["scope"], "openid profile", "scope")
    assert "email" not in app.userinfo(token=fewer), "an address without the scope"

    old = pocket.sign_in(desk, ana).tokens["refresh_token"]
    young = pocket.refresh(old)
    reused = refused(lambda: pocket.refresh(old))
    family = refused(lambda: pocket.refresh(young["refresh_token"]))
    same((reused, family), ("invalid_grant", "invalid_grant"), "a spent token, its successor")
    access = pocket.get(pocket.server_metadata["userinfo_endpoint"], token=young).status_code
    same(access, 401, "the family's access token")
    return {"reused": reused, "family": family, "access": access}
