"""old tokens stay good when the keys change, and are refused when one was stolen"""

import json
from base64 import urlsafe_b64decode

from setting import same


def run(journey):
    app, desk, ana = journey.app, journey.desk, journey.ana
    first = app.sign_in(desk, ana)
    old = kid(first)
    same(old in known(app), True, "the library knows the first key")

    journey.operate("keys", "rotate")
    second = changed(journey, old)
    # Authlib found a key that it lacked, fetched the keys again, and checked the ID token.
    same(kid(second) in known(app), True, "the library knows the new key")
    same(old in known(app), True, "the first key is still published")
    for at in (first, second):
        same(userinfo(app, at), 200, "an access token, after a rotation")
        me = app.get(f"{app.resource}/me", token=at.tokens).json()
        same(me["person"]["username"], "ana", "the chat, after a rotation")

    journey.operate("keys", "rotate", "--compromised")
    after = changed(journey, kid(second))
    same(app.userinfo(token=after.tokens)["preferred_username"], "ana", "with the new key")
    same({old, kid(second)} & known(app), set(), "stolen keys that are published")
    refused = [userinfo(app, at) for at in (first, second)]
    same(refused, [401, 401], "access tokens of the old keys")
    return {"refused": refused}


def changed(journey, old):
    """A sign-in with another key than this one."""

    def other():
        at = journey.app.sign_in(journey.desk, journey.ana)
        return at if kid(at) != old else None

    return journey.eventually("another key", other)


def userinfo(app, at):
    return app.get(app.server_metadata["userinfo_endpoint"], token=at.tokens).status_code


def known(app):
    """The names of the keys that the library has."""
    return {key["kid"] for key in app.server_metadata["jwks"]["keys"]}


def kid(at):
    header = at.tokens["id_token"].split(".")[0]
    return json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
