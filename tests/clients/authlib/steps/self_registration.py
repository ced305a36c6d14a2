"""an app registers itself, is marked as not verified, and goes away again"""

import requests
from app import SCOPE, App, refused
from setting import same


def needs(server):
    return "registration_endpoint" in server


def run(journey):
    made = journey.operate("client", "registration-token", "--uses", "1")
    url = journey.app.load_server_metadata()["registration_endpoint"]
    metadata = {
        "client_name": "Self-made",
        "redirect_uris": [f"{journey.home}/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "scope": SCOPE,
    }

    def register(token):
        headers = {"authorization": f"Bearer {token}"}
        return requests.post(url, json=metadata, headers=headers, timeout=20)

    same(register("unknown").status_code, 401, "a stranger")
    answer = register(made["registration_token"])
    same(answer.status_code, 201, f"the answer {answer.text}")
    same(register(made["registration_token"]).status_code, 401, "a token that was used")
    app = App(journey, answer.json())
    at = app.sign_in(journey.desk, journey.ana)
    same(at.pages, ["consent"], "pages")
    headers = {"authorization": f"Bearer {answer.json()['registration_access_token']}"}
    gone = requests.delete(answer.json()["registration_client_uri"], headers=headers, timeout=20)
    same(gone.status_code, 204, "the answer to its end")
    after = refused(lambda: app.refresh(at.tokens["refresh_token"]))
    same(after, "invalid_client", "afterwards")
    return {"after": after}
