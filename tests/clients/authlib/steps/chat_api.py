"""the chat API is used as the person"""

import uuid
from urllib.parse import urljoin


def run(journey):
    app, tokens = journey.app, journey.first.tokens

    def call(method, path, **more):
        return app.request(method, urljoin(journey.base, path), token=tokens, **more)

    me = call("GET", "/api/me").json()
    made = call("POST", "/api/rooms", json={"kind": "private", "name": "from Authlib"})
    assert made.status_code == 201, made.text
    room = made.json()["id"]
    path = f"/api/rooms/{room}/messages/{uuid.uuid4()}"
    said = call("PUT", path, json={"text": "hola"})
    assert said.status_code == 201, said.text
    return {"username": me["person"]["username"], "room": room}
