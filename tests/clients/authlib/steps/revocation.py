"""what was given back is of no use"""

from app import refused
from setting import same


def run(journey):
    app = journey.app
    tokens = app.sign_in(journey.desk, journey.ana).tokens
    app.revoke(tokens["access_token"], token_type_hint="access_token")
    access = app.get(app.server_metadata["userinfo_endpoint"], token=tokens).status_code
    same(access, 401, "an access token")
    following = app.refresh(tokens["refresh_token"])
    app.revoke(following["refresh_token"])
    refresh = refused(lambda: app.refresh(following["refresh_token"]))
    same(refresh, "invalid_grant", "a refresh token")
    app.revoke("rt_unknown")  # No error: RFC 7009, section 2.2.
    return {"access": access, "refresh": refresh}
