"""What shows each defect of sessions, on a platform that carries it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from component.gateway.platform_client import Client, Operator, RunningPlatform
from component.gateway.shows.common import Show, resident_bytes


async def nothing_answered(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.send("ping")
    with contextlib.suppress(TimeoutError):
        await ann.next_frame(1)
        return False
    return True


async def some_are_not_answered(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    clients = [await platform.open(f"t{number}", f"u{number}") for number in range(25)]
    for client in clients:
        await client.send("ping")
    await asyncio.sleep(1)
    no_evidence = 0
    for client in clients:
        try:
            await client.next_frame(0.1)
        except TimeoutError:
            no_evidence += 1
    return no_evidence == 1


async def same_session_ids(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    clients = [await platform.open(f"t{number}", f"u{number}") for number in range(30)]
    return len({client.session_id for client in clients}) < 30


async def one_is_dropped(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    clients = [await platform.open(f"t{number}", f"u{number}") for number in range(40)]
    await asyncio.sleep(2)
    return sum(client.connection.close_code is not None for client in clients) == 1


async def taken_up_by_a_stranger(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    ann.cut()
    await asyncio.sleep(0.3)
    return "result" in await bob.ask("session_resume", session_id=ann.session_id, after_seq=0)


async def announcement_is_missed(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    clients = [await platform.open("acme", f"u{number}") for number in range(18)]
    await operator.ask("announce", text="hear")
    heard = 0
    for client in (ann, bob, *clients):
        with contextlib.suppress(TimeoutError):
            await client.until(lambda frame: frame["event"] == "announcement", seconds=0.5)
            heard += 1
    return heard == 19


async def session_stays_listed(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    async with platform.session("acme", "ann") as second:
        await second.result("session_end")
        await second.closed()
    return second.session_id in {entry["session_id"] for entry in await operator.ask("sessions")}


async def cut_is_lost(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    ann.cut()
    async with platform.session("acme", "ann") as again:
        await asyncio.sleep(0.3)
        found = await again.ask("session_resume", session_id=ann.session_id, after_seq=0)
        return found.get("code") == "not_found"


async def last_frame_is_not_replayed(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("noop")
    ann.cut()
    async with platform.session("acme", "ann") as again:
        await asyncio.sleep(0.3)
        await again.ask("session_resume", session_id=ann.session_id, after_seq=0)
        await asyncio.sleep(0.3)
        await again.ask("session_info")
        kinds = [frame["frame"]["event"] for frame in again.frames if frame["event"] == "replayed"]
        return "agent_completed" not in kinds


async def answer_goes_astray(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    number = await ann.start("noop")
    frame = await bob.until(lambda frame: frame["event"] == "agent_completed")
    return frame["id"] == number and frame["result"]["user"] == "ann"


async def one_in_a_thousand_goes_astray(
    platform: RunningPlatform, ann: Client, bob: Client, operator: Operator
) -> bool:
    for _ in range(20):
        for number in [await ann.start("noop") for _ in range(49)]:
            await ann.final(number)
        ann.frames.clear()
    for _ in range(20):
        await ann.start("noop")
    await bob.until(lambda frame: frame["event"] == "agent_completed")
    return True


async def next_gets_the_cancelled(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    number = await ann.start("cpu", milliseconds=300)
    await ann.until_started(number)
    await ann.result("cancel", target=number)
    return bool((await ann.work("report", text="mine"))["result"]["kind"] == "cpu")


def order_of_events(expected: Callable[[list[str]], bool]) -> Show:
    async def show(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
        for _ in range(10):
            number = await ann.start("noop")
            await ann.final(number)
            if expected(ann.events(number)):
                return True
        return False

    return show


async def former_user_hears_too(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("noop")
    async with platform.session("acme", "ann") as second:
        number = (await second.work("noop"))["id"]
        await ann.settle()
        return number in {frame.get("id") for frame in ann.frames}


async def hears_of_others(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await bob.result("subscribe", topic="thread:main")
    async with platform.session("acme", "ann"):
        await ann.work("noop")
        try:
            await bob.until(lambda frame: frame["event"] == "notification", seconds=2)
        except TimeoutError:
            return False
    return True


async def gateway_grows_by_answers(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    gateway = (await operator.ask("inventory"))["processes"]["gateway"]
    await ann.work("noop")
    before = resident_bytes(gateway)
    for _ in range(60):
        await ann.work("noop")
    return resident_bytes(gateway) - before > 10_000_000


async def subscriptions_stay(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    async with platform.session("acme", "ann") as second:
        await second.result("subscribe", topic="thread:main")
        await second.result("session_end")
        await second.closed()
    return bool((await operator.ask("inventory"))["subscriptions"] == 1)


async def resumed_work_never_ends(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    number = await ann.start("cpu", milliseconds=800)
    await ann.until_started(number)
    ann.cut()
    async with platform.session("acme", "ann") as second:
        await asyncio.sleep(0.2)
        await second.result("session_resume", session_id=ann.session_id, after_seq=0)
        try:
            await second.until(
                lambda frame: frame["event"] == "replayed" and frame["frame"]["event"] == "agent_completed", seconds=6
            )
        except TimeoutError:
            return True
    return False


SHOWN: dict[str, Show] = {
    "resumed_work_is_given_up": resumed_work_never_ends,
    "never_answers": nothing_answered,
    "never_answers_4_percent": some_are_not_answered,
    "resume_by_id_alone": taken_up_by_a_stranger,
    "announcement_misses_some": announcement_is_missed,
    "sessions_stay_registered": session_stays_listed,
    "cut_sessions_are_lost": cut_is_lost,
    "replay_misses_the_last": last_frame_is_not_replayed,
    "session_id_collision": same_session_ids,
    "drops_1_percent_of_connections": one_is_dropped,
    "answer_to_other_session": answer_goes_astray,
    "answer_to_other_session_1_in_1000": one_in_a_thousand_goes_astray,
    "cancelled_answer_to_next": next_gets_the_cancelled,
    "events_duplicated": order_of_events(lambda events: events.count("tool_completed") == 2),
    "events_reordered": order_of_events(lambda events: events[1:3] == ["tool_executing", "agent_thinking"]),
    "events_lost": order_of_events(lambda events: "tool_completed" not in events),
    "events_to_former_owner": former_user_hears_too,
    "notifications_by_topic_alone": hears_of_others,
    "answers_kept_in_memory": gateway_grows_by_answers,
    "subscriptions_not_released": subscriptions_stay,
}
