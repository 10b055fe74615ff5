"""Sessions over socket.io, over a target's own adapter, and over WebSockets with unusual ways to begin and to live on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from websockets.asyncio.server import ServerConnection, serve

from isolation.drive.load.engine import ConnectOptions, Engine, Request
from isolation.drive.platform.tenants import TenantAgent, words_of
from isolation.drive.session.access import Access
from isolation.drive.session.opening import FrameLog, SessionError
from isolation.drive.session.session import Session
from isolation.drive.steps.tokens import TokenMint
from isolation.record import Outcome
from isolation.settings.errors import SettingsError
from isolation.target.model import JwtRecipe, Target
from isolation.target.reading.file import parse_target
from isolation.target.words import Kept

TENANTS = """
version: 2
name: other ways
doors: {door: "DOOR"}
secrets: {key: KEY}
tenants: {make: [{jwt: {algorithm: HS256, key: "{key}", claims: {sub: "{user}"}}}]}
credential: {kind: jwt, bad: {http: 401}}
"""
WEBSOCKET = (
    TENANTS
    + """
session: SESSION
correlation: {by: echoed, read: id, ids: IDS}
frames:
  - {when: {event: ready}, means: ready, keep: {session: session}}
  - {when: {event: done}, means: answered, keep: {echo: text}}
request_base: {id: "{id}"}
requests: {report: {say: "{text}"}, ping: {say: ping}}
"""
)


def target(text: str, door: str, **parts: str) -> Target:
    for name, part in {"DOOR": door, "IDS": "text", **parts}.items():
        text = text.replace(name, part)
    return parse_target(text)


def person(name: str = "ann") -> TenantAgent:
    return TenantAgent(
        name, f"t-{name}", name, "standard", {**words_of(f"t-{name}", name, "x"), "token": f"token-{name}"}
    )


class Gateway:
    """A WebSocket server that keeps what it was sent and says what it is told."""

    def __init__(self, first: str = "", large: int = 0) -> None:
        self.paths: list[str] = []
        self.headers: list[Any] = []
        self.frames: list[dict[str, Any]] = []
        self._first, self._large = first, large

    async def handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.paths.append(socket.request.path)
        self.headers.append(socket.request.headers)
        if self._first:
            await socket.send(self._first)
        async for text in socket:
            frame = json.loads(text)
            self.frames.append(frame)
            if frame.get("token"):
                await socket.send(json.dumps({"event": "ready", "session": "s-1"}))
            if "say" in frame:
                said = "x" * self._large if self._large else frame["say"]
                await socket.send(json.dumps({"event": "done", "id": frame["id"], "text": said}))


def served(gateway: Gateway, session: str, use: Any, ids: str = "text") -> None:
    async def run() -> None:
        options: Any = {"select_subprotocol": lambda _, offered: "agents" if "agents" in offered else None}
        async with serve(gateway.handle, "127.0.0.1", 0, **options) as server:
            door = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            access = Access(target(WEBSOCKET, door, SESSION=session, IDS=ids), {"door": door}, {"key": "k"})
            own = Session(person(), "ann", access, FrameLog())
            await own.open(5.0)
            await use(own)
            await own.close()
            await access.close()

    asyncio.run(run())


async def one_report(session: Session) -> None:
    operation = await session.request("report", {"text": "hello"}, 5.0)
    assert (operation.outcome, operation.kept[Kept.ECHO]) == (Outcome.ANSWERED, "hello")


def test_a_credential_may_be_the_first_message() -> None:
    gateway = Gateway()
    served(gateway, '{connect: {websocket: "{door}"}, first: [{token: "{token}"}], ready: frame}', one_report)
    assert gateway.frames[0] == {"token": "token-ann"}
    assert "Authorization" not in gateway.headers[0]


def test_a_credential_may_travel_in_query_cookie_and_subprotocol() -> None:
    gateway = Gateway()
    session = (
        '{connect: {websocket: "{door}/path", query: {key: "{token}"}, cookies: {biscuit: "{token}"}, '
        'subprotocols: [agents, "jwt.{token}"]}, ready: connected}'
    )
    served(gateway, session, one_report)
    assert gateway.paths == ["/path?key=token-ann"]
    assert gateway.headers[0]["Cookie"] == "biscuit=token-ann"
    assert gateway.headers[0]["Sec-WebSocket-Protocol"] == "agents, jwt.token-ann"


def test_a_session_may_be_ready_when_a_ping_was_answered() -> None:
    gateway = Gateway()
    served(gateway, '{connect: {websocket: "{door}"}, ready: answered}', one_report)
    assert [frame["say"] for frame in gateway.frames] == ["ping", "hello"]


def test_a_beat_is_sent_so_often_and_when_it_is_asked_for() -> None:
    async def wait(session: Session) -> None:
        await asyncio.sleep(0.35)

    often, asked = Gateway(), Gateway(first=json.dumps({"event": "alive?"}))
    served(
        often, '{connect: {websocket: "{door}"}, ready: connected, beat: {every: 100 ms, send: {beat: "{user}"}}}', wait
    )
    assert 2 <= often.frames.count({"beat": "ann"}) <= 4
    served(
        asked,
        '{connect: {websocket: "{door}"}, ready: connected, beat: {on: {event: "alive?"}, send: {beat: yes}}}',
        wait,
    )
    assert asked.frames == [{"beat": "yes"}]


def test_a_frame_of_many_megabytes_is_an_answer_like_any_other() -> None:
    async def use(session: Session) -> None:
        for _ in range(2):
            operation = await session.request("report", {"text": "x"}, 20.0)
            assert len(str(operation.kept[Kept.ECHO])) == 6 * 1024 * 1024
        assert session.is_open

    served(Gateway(large=6 * 1024 * 1024), '{connect: {websocket: "{door}"}, ready: connected}', use)


@pytest.mark.parametrize(("ids", "expected"), [("text", ["1", "1", "2", "2"]), ("integer", [1, 1, 2, 2])])
def test_the_ids_of_all_sessions_may_be_equal_on_purpose(ids: str, expected: list[object]) -> None:
    gateway = Gateway()

    async def run() -> None:
        async with serve(gateway.handle, "127.0.0.1", 0) as server:
            door = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            engine = Engine(lambda _: None)
            session = '{connect: {websocket: "{door}"}, ready: connected}'
            await engine.prepare(target(WEBSOCKET, door, SESSION=session, IDS=ids), {"door": door}, {"key": "k"})
            await engine.connect([person("ann"), person("eve")], ConnectOptions(equal_ids=True))
            for number in range(2):
                asked = await engine.ask(
                    [Request(name, "report", {"text": f"{name}{number}"}) for name in ("ann", "eve")], 5
                )
                assert [one.kept[Kept.ECHO] for one in asked] == [f"ann{number}", f"eve{number}"]
            await engine.close()

    asyncio.run(run())
    assert sorted(frame["id"] for frame in gateway.frames) == expected


SOCKETIO = (
    TENANTS
    + """
session: {connect: {socketio: "{door}", path: io, auth: {token: "{token}"}}, ready: connected}
correlation: {by: echoed, read: data.id}
frames:
  - {when: {event: done}, means: answered, keep: {echo: data.text}}
  - {when: {event: $ack}, means: answered, keep: {echo: data}}
requests:
  report: {emit: say, data: {id: "{id}", text: "{text}"}}
  ask: {emit: quick, data: "{question}", acknowledged: yes}
"""
)


def test_socketio_is_spoken_with_events_and_acknowledgements() -> None:
    socketio = pytest.importorskip("socketio")

    async def run() -> None:
        server = socketio.AsyncServer(async_mode="aiohttp")
        application = web.Application()
        server.attach(application, socketio_path="io")

        @server.event  # type: ignore[untyped-decorator]
        async def connect(sid: str, environment: object, auth: dict[str, str]) -> None:
            if not auth["token"].startswith("token-"):
                raise socketio.exceptions.ConnectionRefusedError("no such user")

        @server.on("say")  # type: ignore[untyped-decorator]
        async def say(sid: str, data: dict[str, str]) -> None:
            await server.emit("done", data, to=sid)

        @server.on("quick")  # type: ignore[untyped-decorator]
        async def quick(sid: str, data: str) -> str:
            return data.upper()

        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        door = f"http://127.0.0.1:{runner.addresses[0][1]}"
        access = Access(target(SOCKETIO, door), {"door": door}, {"key": "k"})
        session = Session(person(), "ann", access, FrameLog())
        await session.open(5.0)
        await one_report(session)
        assert (await session.request("ask", {"question": "abc"}, 5.0)).kept[Kept.ECHO] == "ABC"
        await session.close()
        assert session.close_code is not None
        stranger = TenantAgent("x", "t", "u", "standard", {**words_of("t", "u", "x"), "token": "none"})
        with pytest.raises(SessionError, match="refused the socket.io connection.*no such user"):
            await Session(stranger, "x", access, FrameLog()).open(5.0)
        await access.close()
        await runner.cleanup()

    asyncio.run(run())


ADAPTER = """
import asyncio
from isolation.drive.channels.channel import Refused
from isolation.target.interpreter import ReadFrame
from isolation.target.words import Meaning

class Carrier:
    def __init__(self, target, doors, secrets):
        self.doors = doors
    async def open(self, person):
        if person["user"] == "nobody":
            raise Refused("the carrier knows nobody of that name")
        return Channel()

class Channel:
    def __init__(self):
        self.queue = asyncio.Queue()
    async def ask(self, kind, id, arguments):
        if arguments.get("text") == "fail":
            raise RuntimeError("no paper")
        self.queue.put_nowait((b"raw", ReadFrame(Meaning.ANSWERED, id, {"echo": arguments.get("text")})))
    async def heard(self):
        while (thing := await self.queue.get()) is not None:
            yield thing
    async def close(self, gracefully):
        self.queue.put_nowait(None)
"""


def test_a_platform_of_another_kind_is_spoken_to_by_its_own_adapter(tmp_path: Path) -> None:
    (tmp_path / "carrier.py").write_text(ADAPTER)
    file = tmp_path / "mine.yaml"
    file.write_text(
        TENANTS.replace("DOOR", "tcp://127.0.0.1:9") + "adapter: carrier.py:Carrier\nrequests: {report: {}, ping: {}}\n"
    )

    async def run() -> None:
        access = Access(Target.load(tmp_path, str(file)), {}, {"key": "k"})
        session = Session(person(), "ann", access, FrameLog())
        await session.open(5.0)
        await one_report(session)
        lost = await session.request("report", {"text": "fail"}, 5.0)
        assert (lost.outcome, lost.code) == (Outcome.LOST, "the adapter failed: RuntimeError: no paper")
        await session.close()
        with pytest.raises(SessionError, match="knows nobody"):
            await Session(person("nobody"), "x", access, FrameLog()).open(5.0)
        await access.close()

    asyncio.run(run())
    (tmp_path / "carrier.py").write_text("raise OSError('no disk')")
    with pytest.raises(SettingsError, match="cannot be loaded: OSError: no disk"):
        Access(Target.load(tmp_path, str(file)), {}, {})


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256"])
@pytest.mark.parametrize("form", ["pem", "file", "jwk", "jwks"])
def test_tokens_are_signed_with_keys_of_every_usual_form(algorithm: Any, form: str, tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    kind: Any = jwt.algorithms.ECAlgorithm if algorithm == "ES256" else jwt.algorithms.RSAAlgorithm
    jwk = {**json.loads(kind.to_jwk(private)), "kid": "k-1"}
    key = {"pem": pem, "file": str(tmp_path / "key"), "jwk": json.dumps(jwk), "jwks": json.dumps({"keys": [jwk]})}[form]
    (tmp_path / "key").write_text(pem)
    recipe = JwtRecipe(algorithm=algorithm, key="{key}", claims={"sub": "{user}", "iat": None})
    token = TokenMint(recipe, {"key": key}).mint({"user": "ann"})
    claims = jwt.decode(token, private.public_key(), algorithms=[algorithm])
    assert claims["sub"] == "ann" and "iat" not in claims and claims["exp"] > claims["nbf"]
    assert jwt.get_unverified_header(token).get("kid") == ("k-1" if form.startswith("jwk") else None)


def test_a_key_that_is_none_is_said_in_one_sentence_and_not_shown() -> None:
    recipe = JwtRecipe(algorithm="RS256", key="{key}", claims={})
    with pytest.raises(SettingsError) as caught:
        TokenMint(recipe, {"key": "hunter2-hunter2"}).mint({})
    assert "hunter2" not in str(caught.value) and "RS256" in str(caught.value)
