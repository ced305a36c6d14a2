"""a signed assertion instead of a secret"""

import json
import time
from pathlib import Path

from app import SCOPE, App, refused
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey
from setting import same


def needs(server):
    return "private_key_jwt" in server["token_endpoint_auth_methods_supported"]


def run(journey):
    key = ECKey.generate_key("P-256", {"kid": "one", "alg": "ES256", "use": "sig"})
    file = Path(journey.folder, "authlib-keys.json")
    file.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    words = ["client", "create", "--name", "Safe", "--scope", SCOPE]
    words += ["--redirect-uri", f"{journey.home}/callback"]
    made = journey.operate(*words, "--auth-method", "private_key_jwt", "--jwks", str(file))
    at = signed(journey, made, key).sign_in(journey.desk, journey.ana)
    stranger = ECKey.generate_key("P-256", {"kid": "one"})
    thief = signed(journey, made, stranger)
    wrong = refused(lambda: thief.refresh(at.tokens["refresh_token"]))
    same(wrong, "invalid_client", "another key")
    return {"sub": at.claims["sub"] == journey.first.claims["sub"], "wrong": wrong}


def signed(journey, made, key):
    """The app as it is with this key; the audience is the issuer and nothing else."""
    app = App(journey, {**made, "client_secret": key})
    app.client_kwargs["token_endpoint_auth_method"] = "private_key_jwt"
    app.client_auth_methods = [ShortLived(journey.issuer, alg="ES256")]
    return app


class ShortLived(PrivateKeyJWT):
    """Authlib's own lives for an hour, and the provider takes five minutes at most."""

    def sign(self, auth, token_endpoint):
        self.claims = {"exp": int(time.time()) + 60}
        return super().sign(auth, token_endpoint)
