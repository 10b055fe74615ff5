"""The two netra files against small servers of their dialects: everything is understood, nothing is mixed up."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from pathlib import Path
from typing import Any

import jwt
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from component.netra.netra_server import August, NetraServer, September
from isolation.target.interpreter import Belonging, Interpreter, Message, TokenToSign, fill_step
from isolation.target.interpreter.outgoing import fill_url
from isolation.target.model import Target
from isolation.target.placeholders import fill_text
from isolation.target.words import Meaning

pytestmark = pytest.mark.asyncio

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "targets"
KEY = "a key for tests only, of 256 bits"
DIALECTS: dict[str, type[NetraServer]] = {"netra_september": September, "netra_august": August}


def signed(target: Target, user: str, key: str = KEY, **changes: Any) -> str:
    """A token as the file makes it; claims that are None in ``changes`` are left out."""
    step = fill_step(target.tenants.make[0], {"user": user, "tenant": "t", "key": key}, {})
    assert isinstance(step, TokenToSign)
    now = int(time.time())
    claims = {"iat": now, "nbf": now, "exp": now + 3600, "jti": uuid.uuid4().hex, **step.claims, **changes}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, step.key, step.algorithm)


class Caller:
    """One session, driven by the file alone."""

    def __init__(self, target: Target, server: NetraServer, user: str, token: str = "") -> None:
        self.target, self.user = target, user
        self.doors = {"ws": server.address}
        self.words: dict[str, str] = {"user": user, "tenant": "t", "token": token or signed(target, user)}
        self.interpreter = Interpreter(target, self.doors)
        self.correlator = self.interpreter.correlator(self.words)
        self.socket: ClientConnection | None = None
        self.strays: list[Belonging] = []
        self.count = 0

    async def open(self) -> Caller:
        assert self.target.session is not None and self.target.session.connect is not None
        connection = self.target.session.connect
        self.socket = await connect(
            fill_url(connection.websocket or "", self.words, self.doors),
            additional_headers={name: fill_text(value, self.words) for name, value in connection.headers.items()},
            proxy=None,
        )
        if self.target.session.ready == "frame":
            while (read := self.interpreter.read(await self.socket.recv())).meaning is not Meaning.READY:
                assert read.meaning is not Meaning.CLOSED, "refused"
        else:
            assert (await self.ask("ping")).meaning is Meaning.PONG
        return self

    async def ask(self, kind: str, **arguments: object) -> Belonging:
        self.count += 1
        request = f"{self.user}-{self.count}"
        outgoing = self.interpreter.outgoing(kind, request, {**self.words, **arguments})
        assert isinstance(outgoing, Message) and self.socket is not None
        self.correlator.sent(request, kind)
        await self.socket.send(outgoing.text)
        while True:
            async with asyncio.timeout(5):
                found = self.correlator.received(self.interpreter.read(await self.socket.recv()))
            if found.is_foreign:
                self.strays.append(found)
            if found.request == request and found.meaning in (Meaning.ANSWERED, Meaning.REFUSED, Meaning.PONG):
                return found


@pytest.fixture(params=sorted(DIALECTS))
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def target_of(dialect: str) -> Target:
    return Target.load(FOLDER, dialect)


async def test_everything_is_understood(dialect: str) -> None:
    async with DIALECTS[dialect](KEY) as server:
        caller = await Caller(target_of(dialect), server, "user-1").open()
        assert (await caller.ask("noop")).meaning is Meaning.ANSWERED
        report = await caller.ask("report", text="marked")
        assert report.kept["answer"] == {"text": "marked"}
        assert report.service_seconds is not None
        again = await caller.ask("report", text="more", thread=report.kept["thread"])
        assert again.kept["thread"] == report.kept["thread"]
        history = await caller.ask("history", thread=report.kept["thread"])
        assert [entry["content"] for entry in history.kept["entries"]] == ["marked", "marked", "more", "more"]  # type: ignore[attr-defined]


async def test_refusals_of_every_shape_are_refusals(dialect: str) -> None:
    async with DIALECTS[dialect](KEY) as server:
        caller = await Caller(target_of(dialect), server, "user-1").open()
        codes = [await caller.ask("history", thread="nobody's") for _ in range(10)]
        assert {one.meaning for one in codes} == {Meaning.REFUSED}
        assert {one.code for one in codes} == {"THREAD_NOT_FOUND"}


async def test_a_thread_of_somebody_else_is_as_unknown_as_nobodys(dialect: str) -> None:
    for defects, meaning in (((), Meaning.REFUSED), (("foreign threads",), Meaning.ANSWERED)):
        async with DIALECTS[dialect](KEY, defects) as server:
            target = target_of(dialect)
            owner, stranger = await Caller(target, server, "a").open(), await Caller(target, server, "b").open()
            thread = (await owner.ask("report", text="mine")).kept["thread"]
            for kind in target.things["thread"].reach:
                assert (await stranger.ask(kind, thread=thread, text="theirs")).meaning is meaning, kind


BAD: list[dict[str, Any]] = [
    {"key": "another key, also of 256 bits...."}, {"exp": int(time.time()) - 3600}, {"aud": "elsewhere"},
    {"iss": "somebody"}, {"sub": None}, {"exp": None}, {"token_type": "refresh"},
]  # fmt: skip


@pytest.mark.parametrize("change", BAD, ids=[str(next(iter(one))) for one in BAD])
async def test_bad_tokens_are_refused_as_the_file_says(dialect: str, change: dict[str, Any]) -> None:
    target = target_of(dialect)
    bad = target.credential.bad if target.credential else None
    assert bad is not None
    async with DIALECTS[dialect](KEY) as server:
        caller = Caller(target, server, "user-1", signed(target, "user-1", **change))
        with pytest.raises((ConnectionClosed, InvalidStatus, AssertionError)) as caught:
            await caller.open()
        if isinstance(caught.value, InvalidStatus):
            assert caught.value.response.status_code in (bad.http or [])
        elif isinstance(caught.value, ConnectionClosed):
            assert caught.value.rcvd is not None and caught.value.rcvd.code in (bad.close or [])
        else:
            assert caller.socket is not None
            with pytest.raises(ConnectionClosed) as closed:
                await caller.socket.recv()
            assert closed.value.rcvd is not None and closed.value.rcvd.code in (bad.close or [])


@pytest.mark.parametrize("claim", ["sub", "iat", "exp", "iss", "jti"])
async def test_every_claim_that_the_file_requires_is_required(dialect: str, claim: str) -> None:
    target = target_of(dialect)
    assert target.credential is not None
    async with DIALECTS[dialect](KEY) as server:
        caller = Caller(target, server, "user-1", signed(target, "user-1", **dict[str, Any]({claim: None})))
        if claim in target.credential.required or claim == "iss":
            with pytest.raises((ConnectionClosed, InvalidStatus, AssertionError)):
                await caller.open()
        else:
            await caller.open()


async def test_misrouted_answers_are_never_taken_for_own_ones(dialect: str) -> None:
    target = target_of(dialect)
    async with DIALECTS[dialect](KEY, ("misrouted",), per_minute=1000) as server:
        callers = [await Caller(target, server, name).open() for name in ("a", "b")]
        lost = 0
        for number in range(30):
            for caller in callers:
                try:
                    answer = await asyncio.wait_for(caller.ask("report", text=f"{caller.user} {number}"), 0.3)
                except TimeoutError:
                    lost += 1
                else:
                    assert answer.kept["answer"] == {"text": f"{caller.user} {number}"}
        assert lost == 6
        assert sum(len(caller.strays) for caller in callers) >= 5


async def test_the_platforms_own_limits_are_refusals(dialect: str) -> None:
    async with DIALECTS[dialect](KEY, per_minute=5) as server:
        caller = await Caller(target_of(dialect), server, "user-1").open()
        answers = [await caller.ask("noop") for _ in range(6)]
        assert [one.meaning for one in answers] == [Meaning.ANSWERED] * 5 + [Meaning.REFUSED]
        assert answers[-1].code == "RATE_LIMIT_EXCEEDED"
        large = await caller.ask("report", text="x" * 9000)
        assert large.code == "MESSAGE_TOO_LARGE"


async def test_hostile_messages_do_not_end_a_session(dialect: str) -> None:
    async with DIALECTS[dialect](KEY) as server:
        caller = await Caller(target_of(dialect), server, "user-1").open()
        assert caller.socket is not None
        for text in ("[]", "5", "{", '{"type": 5}', json.dumps({"type": "user_message", "payload": []}), "[" * 9_000):
            await caller.socket.send(text)
            read = caller.interpreter.read(await caller.socket.recv())
            assert read.meaning is Meaning.REFUSED
        assert (await caller.ask("ping")).meaning is Meaning.PONG
