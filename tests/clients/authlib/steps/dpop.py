"""tokens that are bound to a key of the app"""

import base64
import hashlib
import time
import uuid
from urllib.parse import urljoin

import requests
from app import SCOPE, App, refused
from joserfc import jwt
from joserfc.jwk import ECKey
from setting import same


def needs(server):
    return "ES256" in server.get("dpop_signing_alg_values_supported", [])


def run(journey):
    words = ["client", "create", "--name", "Vault", "--public", "--require-dpop"]
    words += ["--scope", SCOPE, "--redirect-uri", f"{journey.home}/callback"]
    app, key = App(journey, journey.operate(*words)), ECKey.generate_key("P-256")
    server = app.load_server_metadata()
    dan = journey.person("dan")  # Whom the chat API has never seen.
    at = app.ask(journey.browser(), dan, dpop_jkt=key.thumbprint())
    bare = refused(lambda: app.exchange(at))
    same(bare, "invalid_dpop_proof", "without a proof")
    place = "POST", server["token_endpoint"]
    tokens, claims = app.exchange(at, headers=proof(key, *place))
    same(tokens["token_type"], "DPoP", "the type of the token")
    token = tokens["access_token"]
    person = shown(key, server["userinfo_endpoint"], token).json()
    same((person["sub"], person["preferred_username"]), (claims["sub"], "dan"), "who signed in")
    me = urljoin(journey.base, "/api/me")
    same(shown(key, me, token).json()["person"]["username"], "dan", "whom the chat API sees")
    stolen = requests.get(me, headers={"Authorization": f"Bearer {token}"}, timeout=20)
    same(stolen.status_code, 401, "the token without its key")
    thief, refresh = ECKey.generate_key("P-256"), tokens["refresh_token"]
    wrong = refused(lambda: app.refresh(refresh, headers=proof(thief, *place)))
    same(wrong, "invalid_grant", "the refresh token with another key")
    following = app.refresh(refresh, headers=proof(key, *place))
    same(following["token_type"], "DPoP", "the type of the next token")
    return {"bare": bare, "wrong": wrong}


def proof(key, method, url, token=None):
    """A header for one request; Authlib has no function for it."""
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    claims = {"htm": method, "htu": url, "iat": int(time.time()), "jti": str(uuid.uuid4())}
    if token:
        digest = hashlib.sha256(token.encode()).digest()
        claims["ath"] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return {"DPoP": jwt.encode(header, claims, key)}


def shown(key, url, token):
    """What is at `url` for who has the token and its key."""
    headers = {"Authorization": f"DPoP {token}", **proof(key, "GET", url, token)}
    answer = requests.get(url, headers=headers, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer
