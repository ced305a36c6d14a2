"""a device signs in by a short code"""

import time

from app import App
from authlib.integrations.base_client import OAuthError
from setting import same

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
PATIENCE_S = 30


def needs(server):
    return "device_authorization_endpoint" in server


def run(journey):
    words = ["client", "create", "--name", "Television", "--public"]
    words += ["--redirect-uri", f"{journey.home}/callback"]
    made = journey.operate(*words, "--grant-type", GRANT, "--grant-type", "refresh_token")
    television, browser = App(journey, made), journey.desk
    server = television.load_server_metadata()
    form = {"client_id": television.client_id, "scope": "openid profile offline_access"}
    with television.session() as session:
        url = server["device_authorization_endpoint"]
        begun = session.request("POST", url, data=form, withhold_token=True).json()
    browser.go(begun["verification_uri"])
    journey.ana.walk(browser)
    browser.submit({"user_code": begun["user_code"].lower()})
    assert "Television" in browser.page, f"the app is not named: {browser}"
    browser.submit({"decision": "allow"})
    tokens = poll(television, server["token_endpoint"], begun)
    person = television.userinfo(token=tokens)
    same(person["preferred_username"], "ana", "who signed in")
    return {"interval": begun["interval"], "letters": len(begun["user_code"])}


def poll(app, url, begun):
    """Asks as often as it may until there is an answer."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            return app.session().fetch_token(url, grant_type=GRANT, device_code=begun["device_code"])
        except OAuthError as error:
            assert error.error in ("authorization_pending", "slow_down"), error
        time.sleep(begun["interval"])
    raise AssertionError("the device was never connected")
