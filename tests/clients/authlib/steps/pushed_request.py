"""a pushed request is good once"""

from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode, urlsplit

from setting import same


def needs(server):
    return "pushed_authorization_request_endpoint" in server


def run(journey):
    app, browser = journey.app, journey.desk
    server = app.load_server_metadata()
    asked = app.create_authorization_url(app.redirect, resource=app.resource)
    params = dict(parse_qsl(urlsplit(asked["url"]).query))
    endpoint = server["pushed_authorization_request_endpoint"]

    def push(form):
        with app.session() as session:
            return session.request("POST", endpoint, data=form, auth=app.proof(), withhold_token=True)

    pushed = push(params)
    same(pushed.status_code, 201, f"the answer {pushed.text}")
    query = urlencode({"client_id": app.client_id, "request_uri": pushed.json()["request_uri"]})
    url = f"{server['authorization_endpoint']}?{query}"
    browser.go(url)
    journey.ana.walk(browser)
    tokens, _ = app.exchange(SimpleNamespace(asked=asked, answer=browser.answer))
    wrong = push({**params, "redirect_uri": "https://evil.example/"})
    same(wrong.status_code, 400, "another address")
    browser.go(url)
    assert "code=" not in browser.url, f"it was good twice: {browser}"
    return {"wrong": wrong.json()["error"], "token_type": tokens["token_type"]}
