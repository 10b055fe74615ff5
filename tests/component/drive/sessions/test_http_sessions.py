"""Sessions without a WebSocket: calls, streams of events, answers that are fetched, answers that arrive elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from component.drive.sessions.http_platform import COOKIE, HttpPlatform, running
from isolation.drive.platform.identities import IdentityError, Person, make_users, remove_users
from isolation.drive.platform.tenants import TenantAgent, words_of
from isolation.drive.session.access import Access
from isolation.drive.session.opening import FrameLog, SessionError
from isolation.drive.session.session import Session
from isolation.drive.steps.runner import StepFailed
from isolation.record import Direction, Outcome
from isolation.target.reading.file import parse_target
from isolation.target.words import Kept

TARGET = """
version: 2
name: small HTTP platform
doors: {base: "http://127.0.0.1:1"}
tenants:
  make:
    - {http: POST, url: "{base}/login", form: {user: "{user}"}, keep: {token: token, biscuit: $cookies.session-key}}
  remove:
    - {http: POST, url: "{base}/refused", headers: {Authorization: "Bearer {token}"}, json: {text: "{biscuit}"}, expect: [403]}
credential: {kind: opaque, bad: {http: 401}}
session:
  open:
    - {http: POST, url: "{base}/threads", headers: {Authorization: "Bearer {token}"}, expect: [201], keep: {thread: thread_id}}
  close:
    - {http: DELETE, url: "{base}/threads/{thread}", headers: {Authorization: "Bearer {token}"}, expect: [204]}
correlation: {by: stream}
frames:
  - {when: {event: piece}, means: progress, append: {answer: data.text}}
  - {when: {event: end}, means: answered}
  - {when: {$status: [401, 403]}, means: refused, code: [body.code, $status]}
  - {when: {$status: 200}, means: answered, keep: {echo: body.said, user: body.user}}
request_base: {headers: {Authorization: "Bearer {token}"}}
requests:
  ping: {http: POST, url: "{base}/say", json: {text: hello}}
  report: {http: POST, url: "{base}/say/{thread}", json: {text: "{text}"}}
  ask: {http: POST, url: "{base}/stream", json: {text: "{question}"}}
  orchestrate:
    {http: POST, url: "{base}/jobs", json: {text: "{text}"}, answer: {poll: {url: "{base}/jobs/{job}", keep: {job: body.job}, until: {body.state: done}, every: 20 ms}}}
  logout: {http: POST, url: "{base}/refused", json: {}}
  noop: {http: POST, url: "{base}/broken", json: {}}
"""
ELSEWHERE = (
    TARGET.replace(
        "correlation: {by: stream}", "correlation: {by: assigned, read: data.run, owner: data.user, is: user}"
    )
    .replace("  close:\n", '  events: {sse: "{base}/events", headers: {Authorization: "Bearer {token}"}}\n  close:\n')
    .replace(
        "frames:\n",
        "frames:\n  - {when: {data.event: started}, means: accepted}\n  - {when: {data.event: finished}, means: answered, keep: {echo: data.said}}\n",
    )
    .replace(
        '{http: POST, url: "{base}/say/{thread}", json: {text: "{text}"}}',
        '{http: POST, url: "{base}/later", json: {text: "{text}"}, answer: events}',
    )
)
Use = Callable[[Session, HttpPlatform], Awaitable[None]]


def with_session(use: Use, text: str = TARGET, log: FrameLog | None = None) -> None:
    async def run() -> None:
        async with running() as platform:
            access = Access(parse_target(text), {"base": platform.base}, {})
            (ann,) = await make_users(access.target, access.steps, [Person("tenant-01", "t-1", "ann")])
            session = Session(ann, ann.name, access, log or FrameLog())
            await session.open(5.0)
            try:
                await use(session, platform)
            finally:
                await session.close()
                await access.close()
            assert session.trouble == ""
            assert platform.threads == [], "the steps after the session were done"

    asyncio.run(run())


def test_a_plain_answer_belongs_to_its_own_call() -> None:
    async def use(session: Session, platform: HttpPlatform) -> None:
        asked = await asyncio.gather(*(session.request("report", {"text": f"text {n}"}, 5.0) for n in range(20)))
        assert [one.kept for one in asked] == [{Kept.ECHO: f"text {n}", Kept.USER: "ann"} for n in range(20)]
        assert {one.outcome for one in asked} == {Outcome.ANSWERED}
        assert any(path == "/say/thread-of-ann" for _, path, _ in platform.seen), (
            "words of the session fill the address"
        )

    with_session(use)


def test_a_stream_is_answered_at_its_end_and_its_pieces_are_put_together() -> None:
    async def use(session: Session, platform: HttpPlatform) -> None:
        asked = await asyncio.gather(*(session.request("ask", {"question": text}, 5.0) for text in ("abc", "über")))
        assert [one.kept[Kept.ANSWER] for one in asked] == ["abc", "über"]

    log = FrameLog(on=True)
    with_session(use, log=log)
    assert b'event: piece\r\ndata: {"text": "a"}' in b"".join(
        f.data for f in log.frames if f.direction is Direction.RECEIVED
    )


def test_an_answer_that_has_to_be_fetched_is_asked_for_until_it_is_there() -> None:
    async def use(session: Session, platform: HttpPlatform) -> None:
        first, second = await asyncio.gather(*(session.request("orchestrate", {"text": "x"}, 5.0) for _ in range(2)))
        assert {first.kept[Kept.ECHO], second.kept[Kept.ECHO]} == {"job-0", "job-1"}
        assert set(platform.jobs.values()) == {3}

    with_session(use)


def test_a_refusal_and_a_broken_connection_are_told_apart() -> None:
    async def use(session: Session, platform: HttpPlatform) -> None:
        refused, lost = await session.request("logout", {}, 5.0), await session.request("noop", {}, 5.0)
        assert (refused.outcome, refused.code) == (Outcome.REFUSED, "forbidden")
        assert lost.outcome is Outcome.LOST

    with_session(use)


def test_answers_may_arrive_on_another_stream_under_an_id_of_the_server() -> None:
    async def use(session: Session, platform: HttpPlatform) -> None:
        asked = await asyncio.gather(*(session.request("report", {"text": f"text {n}"}, 5.0) for n in range(5)))
        assert [one.kept[Kept.ECHO] for one in asked] == [f"text {n}" for n in range(5)]
        platform.listeners["ann"].put_nowait({"event": "finished", "run": "run-99", "user": "eve", "said": "eve's"})
        await asyncio.sleep(0.2)
        assert (session.foreign_frames, session.stray_answers) == (1, 1)

    with_session(use, ELSEWHERE)


def test_a_user_who_is_not_let_in_is_named_with_the_step() -> None:
    async def run() -> None:
        async with running() as platform:
            access = Access(parse_target(TARGET), {"base": platform.base}, {})
            stranger = TenantAgent(
                "x", "t", "u", "standard", {**words_of("t", "u", "standard"), "token": "nobody-secret"}
            )
            with pytest.raises(SessionError, match=r"session.open.0 \(POST \{base\}/threads\)") as caught:
                await Session(stranger, "x", access, FrameLog()).open(5.0)
            assert "401" in str(caught.value) and "nobody-secret" not in str(caught.value)
            await access.close()

    asyncio.run(run())


def test_a_platform_that_is_not_there_is_one_sentence() -> None:
    async def run() -> None:
        access = Access(parse_target(TARGET), {"base": "http://127.0.0.1:1"}, {})
        with pytest.raises(IdentityError, match="'tenant-01' could not be made.*nobody answers at 127.0.0.1:1"):
            await make_users(access.target, access.steps, [Person("tenant-01", "t-1", "ann")])
        await access.close()

    asyncio.run(run())


def test_cookies_go_back_to_their_own_place_only_and_no_redirect_is_followed() -> None:
    async def run() -> None:
        text = TARGET.replace(
            "  remove:\n",
            '  revoke:\n    - {http: POST, url: "{base}/login", form: {user: "{user}"}}\n'
            '    - {http: GET, url: "{base}/who", keep: {sent: cookie}, expect: {cookie: "cookie-of-{user}"}}\n'
            '    - {http: GET, url: "{base}/away", headers: {X-Key: "{token}"}, expect: [302]}\n  remove:\n',
        )
        async with running() as platform:
            access = Access(parse_target(text), {"base": platform.base}, {})
            (ann,) = await make_users(access.target, access.steps, [Person("tenant-01", "t-1", "ann")])
            assert ann.words["biscuit"] == "cookie-of-ann"
            kept = await access.steps.run(access.target.tenants.revoke, ann.words, "tenants.revoke")
            assert kept == {"sent": "cookie-of-ann"}
            assert not any("stolen" in path for _, path, _ in platform.seen)
            assert [headers.get("Cookie", "") for _, path, headers in platform.seen if path == "/who"] == [
                f"{COOKIE}=cookie-of-ann"
            ]
            assert await remove_users(access.target, access.steps, [ann]) == {"tenant-01": ""}
            await access.close()

    asyncio.run(run())


def test_a_step_that_waits_gives_up_in_time_and_says_what_it_waited_for() -> None:
    async def run() -> None:
        text = TARGET.replace(
            "  remove:\n",
            '  revoke:\n    - {http: GET, url: "{base}/who", until: {cookie: never}, within: 300 ms, every: 50 ms}\n  remove:\n',
        )
        async with running() as platform:
            access = Access(parse_target(text), {"base": platform.base}, {})
            with pytest.raises(StepFailed, match="not done within 0.3 s") as caught:
                await access.steps.run(access.target.tenants.revoke, {}, "tenants.revoke")
            assert caught.value.timed_out
            assert len([path for _, path, _ in platform.seen if path == "/who"]) >= 4
            await access.close()

    asyncio.run(run())
