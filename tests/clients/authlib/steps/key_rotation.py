"""old tokens stay good when the keys change, and are refused when one was stolen"""

import json
from base64 import urlsafe_b64decode

from setting import same


def run(journey):
    app, desk, ana = journey.app, journey.desk, journey.ana
    before = app.sign_in(desk, ana)
    old = kid(before)

    def userinfo():
        return app.get(app.server_metadata["userinfo_endpoint"], token=before.tokens).status_code

    journey.operate("keys", "rotate")
    same(userinfo(), 200, "an access token of the old key, after a rotation")
    journey.operate("keys", "rotate", "--compromised")

    def other():
        at = app.sign_in(desk, ana)  # Authlib fetches the keys again by itself.
        return at if kid(at) != old else None

    after = journey.eventually("another key", other)
    same(app.userinfo(token=after.tokens)["preferred_username"], "ana", "with the new key")
    refused = userinfo()
    same(refused, 401, "an access token of the old key")
    return {"refused": refused}


def kid(at):
    header = at.tokens["id_token"].split(".")[0]
    return json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
