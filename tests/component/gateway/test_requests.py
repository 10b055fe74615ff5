"""What a malformed, unknown or forbidden request gets."""

from __future__ import annotations

import json

import pytest

from component.gateway.platform_client import RunningPlatform

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "nonsense"},
        {"type": None},
        {"type": "execute"},
        {"type": "execute", "work": {"kind": "nonsense"}},
        {"type": "execute", "work": {"kind": "cpu"}},
        {"type": "execute", "work": {"kind": "cpu", "milliseconds": "5"}},
        {"type": "execute", "work": {"kind": "cpu", "milliseconds": -1}},
        {"type": "execute", "work": {"kind": "database", "rows": True}},
        {"type": "execute", "work": {"kind": "noop"}, "thread": "no such form!"},
        {"type": "agent_create", "agent_type": "spy"},
        {"type": "state_put", "scope": "elsewhere", "key": "k", "value": 1},
        {"type": "state_put", "scope": "profile", "key": "k"},
        {"type": "state_put", "scope": "profile", "key": "k", "value": "x" * 70_000},
        {"type": "state_list", "scope": "profile", "prefix": "%\x00"},
        {"type": "history_read", "thread": "main", "limit": 0},
        {"type": "subscribe", "topic": "everything"},
        {"type": "session_resume", "session_id": "x", "after_seq": -1},
    ],
)
async def test_a_malformed_request_is_answered_with_what_is_wrong(
    platform: RunningPlatform, tenant: str, frame: dict[str, object]
) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        await ann.connection.send(json.dumps({"id": "mine", **frame}))
        answer = await ann.final("mine")
        assert (answer["event"], answer["code"]) == ("agent_error", "bad_request")
        assert len(answer["message"]) > 10


@pytest.mark.parametrize("number", [None, "", "x" * 65, "a b", 7])
async def test_a_request_without_a_good_id_is_answered_without_id(
    platform: RunningPlatform, tenant: str, number: object
) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        await ann.connection.send(json.dumps({"type": "ping", "id": number}))
        answer = await ann.next_frame()
        assert (answer["event"], answer["code"], "id" in answer) == ("agent_error", "bad_request", False)


async def test_an_id_that_is_in_use_is_refused(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        number = await ann.start("hang")
        await ann.connection.send(json.dumps({"type": "ping", "id": number}))
        assert (await ann.final(number))["code"] == "bad_request"


async def test_three_messages_in_a_row_that_are_no_object_end_the_session(
    platform: RunningPlatform, tenant: str
) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        for text in ("[]", "{", '{"type": NaN}'):
            await ann.connection.send(text)
        assert await ann.closed() == 4400
        assert [frame["code"] for frame in ann.frames if frame["event"] == "agent_error"] == ["bad_request"] * 3


async def test_an_object_between_them_starts_the_count_again(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        for text in ("1", "2", '{"type":"ping","id":"p"}', "3", "4"):
            await ann.connection.send(text)
        assert (await ann.ask("ping"))["event"] == "pong"


async def test_a_frame_that_is_too_large_ends_the_session(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        await ann.connection.send("x" * 300_000)
        assert await ann.closed() == 1009


async def test_more_than_sixty_four_unfinished_requests_are_refused(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        numbers = [await ann.start("hang") for _ in range(65)]
        assert (await ann.final(numbers[64]))["code"] == "busy"


async def test_seq_counts_every_frame_without_gaps(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        await ann.work("messages", count=50)
        await ann.result("state_list", scope="profile")
        assert [frame["seq"] for frame in ann.frames] == list(range(1, len(ann.frames) + 1))


async def test_a_heartbeat_comes_by_itself(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        assert "id" not in await ann.until(lambda frame: frame["event"] == "heartbeat")


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("agent_create", {"agent_type": "data"}),
        ("agent_stop", {"agent_id": "x"}),
        ("state_put", {"scope": "profile", "key": "me", "value": 1, "role": "admin"}),
        ("state_delete", {"scope": "profile", "key": "me"}),
        ("history_append", {"thread": "main", "entry": 1}),
        ("orchestrate", {"request": "x"}),
        ("subscribe", {"topic": "thread:main"}),
        ("cancel", {"target": "x"}),
        ("metrics", {}),
        ("execute", {"work": {"kind": "cpu", "milliseconds": 1}}),
        ("execute", {"work": {"kind": "noop"}, "agent_id": "x"}),
    ],
)
async def test_a_restricted_role_is_forbidden_the_rest(
    platform: RunningPlatform, tenant: str, operation: str, arguments: dict[str, object]
) -> None:
    async with platform.session(tenant, f"{tenant}-ann", role="restricted") as ann:
        assert (await ann.ask(operation, **arguments))["code"] == "forbidden"


async def test_a_restricted_role_may_do_what_is_listed(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann", role="restricted") as ann:
        for kind, arguments in (("noop", {}), ("typical", {}), ("report", {}), ("ask", {"question": "why"})):
            assert (await ann.work(kind, **arguments))["event"] == "agent_completed"
        agent = (await ann.result("agent_list"))["agents"][0]
        assert await ann.result("agent_get", agent_id=agent["agent_id"]) == agent
        assert await ann.result("history_read", thread="main") == {"entries": []}
        assert (await ann.result("session_info"))["role"] == "restricted"
