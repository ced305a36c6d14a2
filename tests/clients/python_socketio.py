"""PyPI `python-socketio` 5, unmodified, with its default transports, against the contract.

Prints one line of JSON for the test that started it; any broken promise ends it with an error.
"""

import asyncio
import json
import os
import uuid

import socketio

URL, ROOM = os.environ["TERTULIA_URL"], os.environ["ROOM"]
ANA, LEO, FOREIGN = (os.environ[name] for name in ("ANA_TOKEN", "LEO_TOKEN", "FOREIGN_ROOM"))
PATIENCE_S = 30
sent = 0


class Person:
    """A connected client that keeps all messages it hears."""

    def __init__(self):
        self.client = socketio.AsyncClient()
        self.messages = []
        self.changed = asyncio.Condition()
        self.client.on("message", self.hear)

    async def hear(self, message):
        async with self.changed:
            self.messages.append(message)
            self.changed.notify_all()

    async def connect(self, token, **options):
        await self.client.connect(URL, auth={"token": token}, wait_timeout=PATIENCE_S, **options)
        return self

    async def call(self, name, body):
        return await self.client.call(name, body, timeout=PATIENCE_S)

    async def send(self, text):
        global sent
        body = {"room": ROOM, "text": text, "client_message_id": str(uuid.uuid4())}
        ack = await self.call("sendMessage", body)
        assert ack["ok"] is True, ack
        sent += 1
        return ack["message"]

    async def until(self, fits):
        async with self.changed:
            waiting = self.changed.wait_for(lambda: fits(self.messages))
            await asyncio.wait_for(waiting, PATIENCE_S)


async def talk_on_default_transports():
    ana = Person()
    transports = ["polling"]
    await ana.connect(ANA)
    leo = await Person().connect(LEO)
    for person in (ana, leo):
        joined = await person.call("join", {"room": ROOM})
        assert joined["ok"] is True and joined["room"] == ROOM, joined
    said = await ana.send("hello from Python")
    await leo.until(lambda messages: messages)
    for field in ("id", "room", "seq", "sender", "text", "time", "created_at"):
        assert leo.messages[0][field] == said[field], field
    assert ana.client.transport() == "websocket", ana.client.transport()
    transports.append(ana.client.transport())
    return ana, leo, transports


async def keep_order_without_waiting(ana, leo):
    leo.messages.clear()
    texts = [f"number {number}" for number in range(200)]
    sending = []
    for text in texts:
        sending.append(asyncio.create_task(ana.send(text)))
        await asyncio.sleep(0)
    await asyncio.gather(*sending)
    await leo.until(lambda messages: len(messages) >= len(texts))
    assert [message["text"] for message in leo.messages] == texts


async def refuse_what_is_not_theirs(person):
    post = {"room": FOREIGN, "text": "x", "client_message_id": str(uuid.uuid4())}
    for name, body in (("join", {"room": FOREIGN}), ("sendMessage", post)):
        ack = await person.call(name, body)
        assert ack["ok"] is False and ack["problem"]["kind"] == "not_found", ack
    refused = Person()
    reasons = []
    refused.client.on("connect_error", lambda data: reasons.append(data))
    try:
        await refused.client.connect(URL, auth={"token": "nonsense"}, retry=False)
    except socketio.exceptions.ConnectionError:
        pass
    assert not refused.client.connected
    assert reasons and reasons[0]["data"]["kind"] == "unauthenticated", reasons
    await refused.client.disconnect()


async def one_transport_only(transport):
    ana = await Person().connect(ANA, transports=[transport])
    leo = await Person().connect(LEO, transports=[transport])
    await leo.call("join", {"room": ROOM})
    text = f"by {transport}"
    await ana.send(text)
    await leo.until(lambda messages: any(message["text"] == text for message in messages))
    assert ana.client.transport() == transport
    await ana.client.disconnect()
    await leo.client.disconnect()


async def come_back_and_miss_nothing(ana, leo):
    last = await ana.send("before the gap")
    await leo.client.disconnect()
    missed = [(await ana.send(f"gap {number}"))["text"] for number in range(5)]
    back = await Person().connect(LEO)
    await back.call("join", {"room": ROOM, "after": last["seq"]})
    await back.until(lambda messages: len(messages) >= len(missed))
    assert [message["text"] for message in back.messages] == missed
    await back.client.disconnect()


async def main():
    ana, leo, transports = await talk_on_default_transports()
    await keep_order_without_waiting(ana, leo)
    await refuse_what_is_not_theirs(ana)
    await one_transport_only("polling")
    await one_transport_only("websocket")
    await come_back_and_miss_nothing(ana, leo)
    await ana.client.disconnect()
    print(json.dumps({"sent": sent, "transports": transports}))


asyncio.run(main())
