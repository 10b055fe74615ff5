"""What shows each defect of registry, on a platform that carries it."""

from __future__ import annotations

from component.gateway.platform_client import Client, Operator, RunningPlatform
from component.gateway.shows.common import Show, resident_bytes


async def same_agent_for_both(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    return bool((await ann.work("noop"))["agent_id"] == (await bob.work("noop"))["agent_id"])


async def one_agent_left(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    for agent_type in ("data", "report"):
        await ann.result("agent_create", agent_type=agent_type)
    return len((await ann.result("agent_list"))["agents"]) == 1


async def same_agent_in_both_threads(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    made = [(await ann.work("noop", thread=thread))["agent_id"] for thread in ("a", "b")]
    return made[0] == made[1]


async def several_defaults(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    numbers = [await ann.start("noop") for _ in range(10)]
    return len({(await ann.final(number))["agent_id"] for number in numbers}) > 1


async def gateway_grows(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    gateway = (await operator.ask("inventory"))["processes"]["gateway"]
    before = resident_bytes(gateway)
    for _ in range(5):
        agent = await ann.result("agent_create", agent_type="data")
        await ann.result("agent_remove", agent_id=agent["agent_id"])
    return resident_bytes(gateway) - before > 15_000_000


async def removed_answers(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    agent = await ann.result("agent_create", agent_type="data")
    await ann.result("agent_remove", agent_id=agent["agent_id"])
    return bool((await ann.ask("agent_get", agent_id=agent["agent_id"]))["event"] == "operation_completed")


async def foreign_agent(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    agent = await ann.result("agent_create", agent_type="data")
    return bool((await bob.ask("agent_get", agent_id=agent["agent_id"]))["event"] == "operation_completed")


async def colleague_is_listed(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    async with platform.session("acme", "carl") as carl:
        agent = (await carl.work("noop"))["agent_id"]
        return agent in {entry["agent_id"] for entry in (await ann.result("agent_list"))["agents"]}


async def stopped_agent_works(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    agent = await ann.result("agent_create", agent_type="data")
    stopped = await ann.result("agent_stop", agent_id=agent["agent_id"])
    pids = [entry["pid"] for entry in await operator.ask("agents", tenant="acme")]
    return stopped["status"] == "stopped" and any(pids)


async def three_steps(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    return len((await ann.ask("orchestrate", request="x"))["result"]["steps"]) == 3


async def no_two_steps_overlap(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.ask("orchestrate", request="x")
    steps = {step["step"]: step for step in (await ann.ask("orchestrate", request="x"))["result"]["steps"]}
    first, second = sorted((steps["data"], steps["optimisation"]), key=lambda step: step["started_at"])
    return bool(second["started_at"] >= first["ended_at"])


async def led_across_users(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    mine, theirs = [(await client.ask("orchestrate", request="x"))["result"]["steps"] for client in (ann, bob)]
    return {step["agent_id"] for step in mine} == {step["agent_id"] for step in theirs}


SHOWN: dict[str, Show] = {
    "shared_agent_instance": same_agent_for_both,
    "registry_by_type_only": same_agent_for_both,
    "second_agent_replaces_first": one_agent_left,
    "thread_ignored": same_agent_in_both_threads,
    "registration_race": several_defaults,
    "factory_keeps_agents": gateway_grows,
    "removed_agents_answer": removed_answers,
    "agents_by_id_alone": foreign_agent,
    "lists_show_colleagues": colleague_is_listed,
    "stop_only_said": stopped_agent_works,
    "orchestration_skips_a_step": three_steps,
    "steps_one_by_one": no_two_steps_overlap,
    "supervisor_mixes_users": led_across_users,
}
