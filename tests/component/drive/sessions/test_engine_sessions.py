"""Sessions: what counts as an answer, how a request can end, and what is kept of a connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from component.drive.small_platform import Answer, SmallPlatform, small_access, small_agent, wait_until
from isolation.drive.session.opening import FrameLog, SessionError
from isolation.drive.session.session import Session
from isolation.record import Direction, Frame, Operation, Outcome

Use = Callable[[Session], Awaitable[None]]


def with_session(platform: SmallPlatform, use: Use, log: FrameLog | None = None) -> None:
    """Open a session on the platform, use it, close it."""

    async def run() -> None:
        session = session_on(platform, log)
        await session.open(5.0)
        try:
            await use(session)
        finally:
            await session.close()

    asyncio.run(run())


def session_on(platform: SmallPlatform, log: FrameLog | None = None) -> Session:
    agent = small_agent("tenant-01", "t-1", "u-1")
    return Session(agent, agent.name, small_access(platform.address), log or FrameLog())


def answering(*frames: dict[str, Any]) -> Answer:
    """A platform that answers each request with these frames; an ``id`` of None becomes the request's own."""

    async def answer(socket: ServerConnection, request: dict[str, Any]) -> None:
        for frame in frames:
            own = {**frame, "id": request["id"]} if "id" in frame and frame["id"] is None else frame
            await socket.send(json.dumps(own))

    return answer


async def never(socket: ServerConnection, request: dict[str, Any]) -> None:
    """A platform that reads requests and says nothing."""


def ask(platform: SmallPlatform, kind: str = "report", timeout: float = 2.0) -> Operation:
    ended: list[Operation] = []

    async def use(session: Session) -> None:
        ended.append(await session.request(kind, {"text": 1}, timeout))

    with_session(platform, use)
    return ended[0]


def test_a_request_gets_its_own_answer_with_all_its_times() -> None:
    frames = (
        {"event": "started", "id": None, "agent": "a-1"},
        {"event": "done", "id": None, "result": {"x": 1}, "took": 20},
    )
    with SmallPlatform(answering(*frames)) as platform:
        operation = ask(platform)
    assert operation.outcome is Outcome.ANSWERED
    assert (operation.kept["value"], operation.service_seconds, operation.agent) == ({"x": 1}, 0.02, "a-1")
    assert operation.accepted_at is not None
    assert operation.completed_at is not None
    assert operation.intended_at <= (operation.sent_at or 0) <= operation.accepted_at <= operation.completed_at


@pytest.mark.parametrize(
    "frame",
    [
        {"event": "pong", "id": None},
        {"event": "heartbeat", "id": None},
        {"event": "welcome", "id": None, "session": "s"},
        {"event": "started", "id": None},
        {"event": "progress", "id": None, "result": {"x": 1}},
        {"event": "done", "id": "of-somebody-else", "result": {"x": 1}},
        {"event": "done", "result": {"x": 1}},
        {"event": "done", "id": "", "result": {"x": 1}},
        {"event": "error", "code": "bad_request"},
        {"id": None, "result": {"x": 1}},
        ["done"],
        "done",
    ],
    ids=str,
)
def test_what_is_not_the_own_answer_is_never_an_answer(frame: dict[str, Any]) -> None:
    with SmallPlatform(answering(frame)) as platform:
        operation = ask(platform, timeout=0.3)
    assert operation.outcome is Outcome.TIMED_OUT
    assert operation.completed_at is None
    assert operation.latency is None


def test_an_error_with_the_own_id_is_a_refusal_and_no_answer() -> None:
    with SmallPlatform(answering({"event": "error", "id": None, "code": "forbidden"})) as platform:
        operation = ask(platform)
    assert (operation.outcome, operation.code, operation.answered) == (Outcome.REFUSED, "forbidden", False)


def test_a_confirmed_cancellation_is_neither_an_answer_nor_a_refusal() -> None:
    with SmallPlatform(answering({"event": "error", "id": None, "code": "cancelled"})) as platform:
        assert ask(platform).outcome is Outcome.CANCELLED


def test_a_pong_answers_a_ping() -> None:
    with SmallPlatform() as platform:
        assert ask(platform, "ping").outcome is Outcome.ANSWERED


def test_frames_that_cannot_be_read_do_no_harm() -> None:
    async def babble(socket: ServerConnection, request: dict[str, Any]) -> None:
        for nonsense in ("", "{", b"\xff\xfe", "null", "[" * 100_000, json.dumps({"event": {}, "id": []})):
            await socket.send(nonsense)
        await socket.send(json.dumps({"event": "done", "id": request["id"]}))

    with SmallPlatform(babble) as platform:
        assert ask(platform).outcome is Outcome.ANSWERED


def test_answers_that_come_out_of_order_reach_their_own_requests() -> None:
    waiting: list[dict[str, Any]] = []

    async def backwards(socket: ServerConnection, request: dict[str, Any]) -> None:
        waiting.append(request)
        if len(waiting) == 5:
            for one in reversed(waiting):
                await socket.send(json.dumps({"event": "done", "id": one["id"], "result": {"number": one["number"]}}))

    async def use(session: Session) -> None:
        ended = await asyncio.gather(*(session.start("report", {"text": number}) for number in range(5)))
        assert [operation.kept["value"] for operation in ended] == [{"number": number} for number in range(5)]
        assert session.stray_answers == 0
        times = [operation.completed_at or 0.0 for operation in ended]
        assert times == sorted(times, reverse=True)

    with SmallPlatform(backwards) as platform:
        with_session(platform, use)


def test_requests_are_lost_when_the_session_closes() -> None:
    async def use(session: Session) -> None:
        waiting = session.start("report", {})
        await asyncio.to_thread(wait_until, lambda: len(platform.seen) == 1)
        await asyncio.to_thread(platform.cut_all)
        assert (await waiting).outcome is Outcome.LOST
        assert (session.is_open, session.close_code) == (False, 4001)
        later = await session.request("report", {}, 1.0)
        assert later.outcome is Outcome.LOST

    with SmallPlatform(never) as platform:
        with_session(platform, use)


def test_an_answer_that_comes_after_giving_up_is_late_and_not_stray() -> None:
    async def slowly(socket: ServerConnection, request: dict[str, Any]) -> None:
        await asyncio.sleep(0.3)
        await socket.send(json.dumps({"event": "done", "id": request["id"]}))

    async def use(session: Session) -> None:
        operation = await session.request("report", {}, 0.05)
        assert operation.outcome is Outcome.TIMED_OUT
        await asyncio.sleep(0.5)
        assert session.stray_answers == 0

    with SmallPlatform(slowly) as platform:
        with_session(platform, use)


@pytest.mark.parametrize(
    ("frames", "strays"),
    [
        ([{"event": "done", "id": None}], 0),
        ([{"event": "done", "id": None}, {"event": "done", "id": None}], 1),
        ([{"event": "done", "id": None}, {"event": "error", "id": None, "code": "late"}], 1),
        ([{"event": "done", "id": "of-somebody-else"}, {"event": "done", "id": None}], 1),
        ([{"event": "done"}, {"event": "done", "id": None}], 1),
        ([{"event": "error", "code": "bad_request"}, {"event": "done", "id": None}], 0),
        ([{"event": "heartbeat"}, {"event": "progress", "id": "of-somebody-else"}, {"event": "done", "id": None}], 0),
    ],
    ids=[
        "own",
        "own twice",
        "own, then an error",
        "of somebody else",
        "without id",
        "error about the connection",
        "no answers",
    ],
)
def test_answers_to_nothing_that_was_asked_are_counted_as_stray(frames: list[dict[str, Any]], strays: int) -> None:
    async def use(session: Session) -> None:
        assert (await session.request("report", {}, 2.0)).outcome is Outcome.ANSWERED
        await session.request("ping", {}, 0.2)  # so that everything sent before has been read
        assert session.stray_answers == strays

    async def once(socket: ServerConnection, request: dict[str, Any]) -> None:
        if request["do"] == "work":
            await answering(*frames)(socket, request)

    with SmallPlatform(once) as platform:
        with_session(platform, use)


def test_an_id_that_waits_for_its_answer_cannot_be_used_again() -> None:
    async def use(session: Session) -> None:
        session.start("report", {}, correlation_id="one")
        with pytest.raises(ValueError, match="'one' waits for its answer already"):
            session.start("report", {}, correlation_id="one")

    with SmallPlatform(never) as platform:
        with_session(platform, use)


def test_everything_that_passes_is_kept_while_the_log_is_on() -> None:
    async def with_control_frames(socket: ServerConnection, request: dict[str, Any]) -> None:
        await socket.ping(b"in a ping")
        await socket.pong(b"in a pong")
        await socket.send(json.dumps({"event": "done", "id": request["id"]}))
        await socket.close(4002, "in the close reason")

    async def use(session: Session) -> None:
        await session.request("report", {"text": 7}, 2.0)
        await asyncio.to_thread(wait_until, lambda: not session.is_open)

    log = FrameLog(on=True)
    with SmallPlatform(with_control_frames, headers={"X-Note": "in a header"}) as platform:
        with_session(platform, use, log)
    frames = log.take()
    assert kept(frames, "handshake").count(b"X-Note: in a header") == 1
    assert b"in a ping" in kept(frames, "ping")
    assert b"in a pong" in kept(frames, "pong")
    assert b"in the close reason" in kept(frames, "close")
    sent = [frame for frame in frames if frame.direction is Direction.SENT]
    assert [json.loads(frame.data)["number"] for frame in sent] == [7]
    assert {(frame.tenant, frame.user, frame.session) for frame in frames} == {("tenant-01", "u-1", "tenant-01")}
    assert [frame.at for frame in frames] == sorted(frame.at for frame in frames)
    assert log.take() == []


def test_a_control_frame_that_comes_with_the_welcome_is_kept() -> None:
    class Hasty(SmallPlatform):
        async def _talk(self, socket: ServerConnection) -> None:
            await socket.ping(b"very early")
            await super()._talk(socket)

    async def use(session: Session) -> None:
        await session.request("ping", {}, 2.0)

    log = FrameLog(on=True)
    with Hasty() as platform:
        with_session(platform, use, log)
    assert b"very early" in kept(log.take(), "ping")


def test_the_words_of_a_refused_handshake_are_kept() -> None:
    async def run() -> None:
        with pytest.raises(SessionError, match="HTTP 503"):
            await session_on(platform, log).open(2.0)

    log = FrameLog(on=True)
    with SmallPlatform(refuse_first=1) as platform:
        asyncio.run(run())
    assert b"not yet" in kept(log.take(), "handshake")


def test_nothing_is_kept_while_the_log_is_off() -> None:
    async def use(session: Session) -> None:
        await session.request("report", {}, 2.0)

    log = FrameLog()
    with SmallPlatform() as platform:
        with_session(platform, use, log)
    assert log.take() == []


def test_a_session_that_is_cut_shows_the_platform_no_close_frame() -> None:
    async def run() -> None:
        session = session_on(platform)
        await session.open(2.0)
        await session.abort()
        assert not session.is_open

    with SmallPlatform() as platform:
        asyncio.run(run())
        assert wait_until(lambda: platform.closed == [1006])


def test_a_session_whose_opening_is_cancelled_leaves_no_connection() -> None:
    async def run() -> None:
        opening = asyncio.create_task(session_on(platform).open(10.0))
        await asyncio.to_thread(wait_until, lambda: platform.open_sessions == 1)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert await asyncio.to_thread(wait_until, lambda: platform.open_sessions == 0)

    with SmallPlatform(greet=False) as platform:
        asyncio.run(run())


def kept(frames: list[Frame], kind: str) -> bytes:
    return b"\n".join(frame.data for frame in frames if frame.kind == kind and frame.direction is Direction.RECEIVED)


def test_two_answers_of_the_same_content_are_kept_alike() -> None:
    sequence = iter(range(1, 10))

    async def numbered(socket: ServerConnection, request: dict[str, Any]) -> None:
        frame = {
            "event": "done",
            "id": request["id"],
            "result": {"x": 1},
            "seq": next(sequence),
            "took": next(sequence),
        }
        await socket.send(json.dumps(frame))

    with SmallPlatform(numbered) as platform:
        first, second = ask(platform), ask(platform)
    assert first.kept == second.kept and first.kept["value"] == {"x": 1}
    assert first.service_seconds != second.service_seconds
