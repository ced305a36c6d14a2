"""The official Python clients, unmodified: story.py <url> <default|polling|websocket>."""

import asyncio
import sys
import threading

import socketio

URL, TRANSPORT = sys.argv[1:]
MESSAGES = 1000
IN_FLIGHT = 16
ROOM = f"py-room-{TRANSPORT}"
PATIENCE = 30
CONNECT = {"retry": False, "wait_timeout": 10}
if TRANSPORT != "default":
    CONNECT["transports"] = [TRANSPORT]


async def until(is_true):
    async with asyncio.timeout(PATIENCE):
        while not is_true():
            await asyncio.sleep(0.005)


def client():
    return socketio.AsyncClient(reconnection_delay=0.02, reconnection_delay_max=0.1)


async def refused_with_a_reason():
    sio = client()
    errors = []
    sio.on("connect_error", lambda error: errors.append(error))
    try:
        await sio.connect(URL, **CONNECT)
    except socketio.exceptions.ConnectionError:
        pass
    else:
        raise AssertionError("it was let in")
    expected = {"message": "Not signed in", "data": {"status": 401, "code": "unauthenticated"}}
    assert errors[0] == expected, errors


async def follower(seqs):
    sio = client()

    @sio.event
    async def connect():
        await sio.emit("join", {"room": ROOM, "after": seqs[-1] if seqs else 0})

    sio.on("message", lambda message: seqs.append(message["seq"]))
    await sio.connect(URL, auth={"token": "reader"}, **CONNECT)
    return sio


async def messages_in_order(writer, seqs):
    places = asyncio.Semaphore(IN_FLIGHT)

    async def send(n):
        async with places:
            message = {"room": ROOM, "text": f"n {n} ñ", "client_message_id": n}
            answer = await writer.call("sendMessage", message, timeout=10)
            assert answer["ok"] and answer["client_message_id"] == n, answer

    await asyncio.gather(*(send(n) for n in range(MESSAGES)))
    await until(lambda: len(seqs) >= MESSAGES)
    assert seqs == list(range(1, MESSAGES + 1))


async def late_acks_time_out(sio):
    try:
        await sio.call("silence", {}, timeout=0.2)
    except socketio.exceptions.TimeoutError:
        pass
    else:
        raise AssertionError("silence was answered")
    answer = await sio.call("echo", ("x", {"y": [1]}), timeout=5)
    assert answer == ["x", {"y": [1]}], answer


async def reconnects_and_misses_nothing(reader, writer, seqs):
    # A packet that is none makes the server close the transport.
    await reader.eio.send("9")
    for _ in range(20):
        await writer.call("sendMessage", {"room": ROOM, "text": "meanwhile"}, timeout=10)
    await until(lambda: len(seqs) >= MESSAGES + 20)
    assert seqs == list(range(1, MESSAGES + 21))


async def reasons_of_disconnection():
    sio = client()
    reasons = []
    sio.on("disconnect", lambda reason: reasons.append(reason))
    await sio.connect(URL, auth={"token": "a"}, **CONNECT)
    await sio.emit("quit")
    await until(lambda: reasons)
    assert reasons == [sio.reason.SERVER_DISCONNECT], reasons
    sio = client()
    sio.on("disconnect", lambda reason: reasons.append(reason))
    await sio.connect(URL, auth={"token": "a"}, **CONNECT)
    await sio.disconnect()
    assert reasons[1:] == [sio.reason.CLIENT_DISCONNECT], reasons


async def with_asyncio():
    await refused_with_a_reason()
    seqs = []
    reader = await follower(seqs)
    writer = client()
    await writer.connect(URL, auth={"token": "writer"}, **CONNECT)
    expected = "polling" if TRANSPORT == "polling" else "websocket"
    assert writer.transport() == expected, writer.transport()
    await messages_in_order(writer, seqs)
    await late_acks_time_out(writer)
    await reconnects_and_misses_nothing(reader, writer, seqs)
    await reasons_of_disconnection()
    await reader.disconnect()
    await writer.disconnect()


def with_threads():
    seqs = []
    all_there = threading.Event()

    def note(message):
        seqs.append(message["seq"])
        if len(seqs) == MESSAGES + 70:
            all_there.set()

    with socketio.SimpleClient() as simple:
        simple.connect(URL, auth={"token": "simple"})
        assert simple.call("echo", "hi", timeout=5) == ["hi"]
    sio = socketio.Client()
    sio.on("message", note)
    sio.connect(URL, auth={"token": "threads"}, **CONNECT)
    assert sio.call("join", {"room": ROOM, "after": 0}, timeout=10)["ok"]
    for _ in range(50):
        assert sio.call("sendMessage", {"room": ROOM, "text": "x"}, timeout=10)["ok"]
    assert all_there.wait(PATIENCE), len(seqs)
    # This client handles each packet in a thread of its own, so it loses the order by itself.
    assert sorted(seqs) == list(range(1, MESSAGES + 71))
    sio.disconnect()


asyncio.run(with_asyncio())
with_threads()
print("the story is told")
