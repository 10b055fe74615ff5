"""The governor's process with real agents, by control groups and by signals."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from component.governor.governor_harness import Agent, Gateway
from process_control import Meter, ProcessReader, fresh_memory_bytes, storage_bytes
from process_control.proc.pid_stat import parse_stat
from reference_platform.governor.client import GovernorLost
from reference_platform.governor.messages import (
    ConnectionLeases,
    Contain,
    Demand,
    OperationEnded,
    OperationStarted,
    ReclaimLeases,
    Release,
    SetQuota,
    StopAgent,
)

pytestmark = pytest.mark.asyncio
Start = Callable[..., Awaitable[Gateway]]


async def _percent(agents: list[Agent], seconds: float) -> float:
    readers = [ProcessReader(agent.process.pid) for agent in agents]
    before, start = sum(reader.cpu_seconds() for reader in readers), time.monotonic()
    await asyncio.sleep(seconds)
    used = sum(reader.cpu_seconds() for reader in readers) - before
    for reader in readers:
        reader.close()
    return used / (time.monotonic() - start) * 100


def _state(agent: Agent) -> str:
    return parse_stat(Path(f"/proc/{agent.process.pid}/stat").read_text()).state


async def test_the_quota_holds_and_its_excess_is_told_and_counted(start: Start) -> None:
    gateway = await start()
    agent = await gateway.agent("a", "acme")
    gateway.client.send(SetQuota("acme", 10, None))
    agent.tell("burn")
    assert await gateway.wait_for(lambda: gateway.alerts("quota_exceeded"))
    assert await _percent([agent], 2) <= 10 * 1.05 + 2
    assert (gateway.alerts("quota_exceeded")[0].tenant, gateway.alerts("quota_exceeded")[0].resource) == ("acme", "cpu")
    assert float(str(gateway.usage("acme")["throttled_seconds"])) > 0.3
    assert gateway.audits("quota_set")[0].detail == {"cpu_percent": 10, "memory_bytes": None}
    assert not gateway.alerts("noisy_tenant"), "there is nobody to be disturbed"


async def test_without_a_quota_the_same_burner_is_never_held_back(start: Start) -> None:
    gateway = await start()
    agent, other = await gateway.agent("a", "acme"), await gateway.agent("b", "other")
    gateway.client.send(SetQuota("acme", None, None))
    assert await gateway.wait_for(lambda: gateway.audits("quota_set"))
    agent.tell("burn")
    other.tell("light")
    await asyncio.sleep(2.5)
    assert gateway.usage("acme")["throttled"] == 0
    assert not gateway.alerts("quota_exceeded") and not gateway.alerts("noisy_tenant")


async def test_memory_above_the_quota_ends_the_agent_and_is_told(start: Start) -> None:
    gateway = await start()
    agent, other = await gateway.agent("a", "acme"), await gateway.agent("b", "other")
    gateway.client.send(SetQuota("acme", 50, 60_000_000))
    assert await gateway.wait_for(lambda: gateway.audits("quota_set"))
    agent.tell("take 150000000")
    assert agent.process.wait(10) == -signal.SIGKILL
    gateway.stopped(agent)
    assert await gateway.wait_for(lambda: gateway.alerts("quota_exceeded"))
    alert = gateway.alerts("quota_exceeded")[0]
    assert (alert.tenant, alert.agent, alert.resource) == ("acme", "a", "memory")
    assert StopAgent("a", agent.process.pid, "quota") in gateway.heard
    assert await gateway.wait_for(lambda: gateway.usage("acme").get("out_of_memory") == 1)
    assert other.process.poll() is None and gateway.usage("other")["out_of_memory"] == 0


async def test_a_noisy_tenant_is_named_boxed_and_released_when_it_is_quiet(start: Start) -> None:
    gateway = await start()
    noisy, victim = await gateway.agent("a", "noisy"), await gateway.agent("b", "victim")
    victim.tell("light")
    noisy.tell("burn")
    assert await gateway.wait_for(lambda: gateway.audits("contained"))
    assert gateway.alerts("noisy_tenant")[0].resource == "cpu"
    assert Contain("noisy", "cpu", 0.2) in gateway.heard
    await asyncio.sleep(0.2)
    assert await _percent([noisy], 2) <= 10 * 1.05 + 2
    assert os.sched_getaffinity(noisy.process.pid) == {max(os.sched_getaffinity(0))}
    assert not gateway.audits("released"), "it still wants to burn"
    noisy.tell("idle")
    assert await gateway.wait_for(lambda: Release("noisy") in gateway.heard)
    assert os.sched_getaffinity(noisy.process.pid) == os.sched_getaffinity(0)
    assert os.sched_getscheduler(noisy.process.pid) == os.SCHED_OTHER
    assert {alert.tenant for alert in gateway.alerts("noisy_tenant")} == {"noisy"}
    assert len(gateway.alerts("noisy_tenant")) == 1, "one alert per episode"


async def test_all_noisy_tenants_share_one_box(start: Start) -> None:
    gateway = await start()
    noisy = [await gateway.agent(f"a{number}", f"noisy-{number}") for number in range(3)]
    (await gateway.agent("b", "victim")).tell("light")
    for agent in noisy:
        agent.tell("burn")
    assert await gateway.wait_for(lambda: len({entry.tenant for entry in gateway.audits("contained")}) == 3)
    await asyncio.sleep(0.2)
    assert await _percent(noisy, 2) <= 10 * 1.05 + 2
    assert not [alert for alert in gateway.alerts("noisy_tenant") if alert.tenant == "victim"]


async def test_a_quiet_tenant_leaves_the_box_although_another_one_still_burns(start: Start) -> None:
    gateway = await start()
    first, second = await gateway.agent("a", "first"), await gateway.agent("b", "second")
    (await gateway.agent("c", "victim")).tell("light")
    first.tell("burn")
    second.tell("burn")
    assert await gateway.wait_for(lambda: len({entry.tenant for entry in gateway.audits("contained")}) == 2)
    first.tell("idle")
    assert await gateway.wait_for(lambda: gateway.audits("released"), 45)
    assert {entry.tenant for entry in gateway.audits("released")} == {"first"}
    assert await _percent([second], 1.5) <= 10 * 1.05 + 2


@pytest.mark.parametrize(
    ("what", "meter", "most"),
    [
        # So much a second, and some more for what was done in one piece.
        pytest.param("store", storage_bytes, 2.5 * 2e6 * 3, id="storage"),
        pytest.param("churn", fresh_memory_bytes, 2.5 * 20e6 * 2, id="fresh memory"),
    ],
)
async def test_a_boxed_tenant_gets_little(start: Start, what: str, meter: Meter, most: float) -> None:
    gateway = await start(hold_seconds=5)
    noisy = await gateway.agent("a", "noisy")
    (await gateway.agent("b", "victim")).tell("light")
    noisy.tell(what)
    assert await gateway.wait_for(lambda: gateway.audits("contained"))
    await asyncio.sleep(2.5)
    with ProcessReader(noisy.process.pid) as reader:
        before = meter(reader)
        await asyncio.sleep(2.5)
        assert before > 0 and meter(reader) - before <= most
    assert not gateway.audits("released")


async def test_a_new_agent_of_a_boxed_tenant_is_boxed_too(start: Start) -> None:
    gateway = await start(hold_seconds=20)
    first = await gateway.agent("a", "noisy")
    (await gateway.agent("b", "victim")).tell("light")
    first.tell("burn")
    assert await gateway.wait_for(lambda: gateway.audits("contained"))
    first.end()
    gateway.stopped(first)
    second = await gateway.agent("a2", "noisy")
    second.tell("burn")
    await asyncio.sleep(0.2)
    assert await _percent([second], 1.5) <= 10 * 1.05 + 2


async def test_leaks_are_named_and_stopped_and_healthy_agents_are_not(start: Start) -> None:
    gateway = await start()
    leaking, opening = await gateway.agent("m", "leaky"), await gateway.agent("h", "leaky")
    healthy = await gateway.agent("b", "healthy")
    healthy.tell("take 30000000")
    leaking.tell("leak")
    gateway.client.send(OperationStarted("h", "leaky", "s1-1", "leak_handles"))
    opening.tell("open 30")
    gateway.client.send(OperationEnded("s1-1"))
    gateway.client.send(ConnectionLeases("leaky", 3, 0.9))
    assert await gateway.wait_for(lambda: StopAgent("m", leaking.process.pid, "memory_leak") in gateway.heard)
    assert await gateway.wait_for(lambda: StopAgent("h", opening.process.pid, "handle_leak") in gateway.heard)
    assert ReclaimLeases("leaky") in gateway.heard
    assert {entry.kind for entry in gateway.audits("agent_stopped")} == {"agent_stopped"}
    told = [*gateway.alerts("memory_leak"), *gateway.alerts("handle_leak"), *gateway.alerts("connection_leak")]
    assert {alert.tenant for alert in told} == {"leaky"}


async def test_a_runaway_is_stopped_although_it_is_boxed(start: Start) -> None:
    gateway = await start(runaway_seconds=2.5)
    runaway, victim = await gateway.agent("a", "acme"), await gateway.agent("b", "victim")
    victim.tell("light")
    gateway.client.send(OperationStarted("a", "acme", "s1-1", "loop"))
    runaway.tell("burn")
    assert await gateway.wait_for(lambda: gateway.said(StopAgent))
    assert gateway.said(StopAgent) == [StopAgent("a", runaway.process.pid, "runaway")]
    assert gateway.audits("contained") and gateway.audits("agent_stopped")[0].detail["reason"] == "runaway"


async def test_refused_demand_makes_a_tenant_noisy(start: Start) -> None:
    gateway = await start()
    await gateway.agent("a", "flooding")
    (await gateway.agent("b", "victim")).tell("light")
    for _ in range(8):
        gateway.client.send(Demand("flooding", "messages", 50, 150))
        gateway.client.send(Demand("victim", "messages", 5, 0))
        await asyncio.sleep(0.25)
    assert Contain("flooding", "messages", 0.2) in gateway.heard
    assert {alert.tenant for alert in gateway.alerts("noisy_tenant")} == {"flooding"}


async def test_a_removed_tenant_leaves_nothing_and_may_come_back(start: Start) -> None:
    gateway = await start()
    agent = await gateway.agent("a", "acme")
    agent.end()
    gateway.stopped(agent)
    assert await gateway.client.remove_tenant("acme") == 0
    await gateway.agent("a", "acme")
    assert await gateway.wait_for(lambda: gateway.usage("acme").get("memory_bytes"))


async def test_an_agent_that_has_ended_is_not_attached(start: Start) -> None:
    gateway = await start()
    agent = Agent("a", "acme")
    started = agent.started
    agent.end()
    assert not await gateway.client.attach(started)


async def test_a_killed_governor_is_noticed_and_leaves_nobody_stopped(start: Start) -> None:
    gateway = await start()
    agent = await gateway.agent("a", "acme")
    gateway.client.send(SetQuota("acme", 1, None))
    agent.tell("burn")
    await asyncio.sleep(0.5)
    os.kill(gateway.client.pid, signal.SIGKILL)
    assert await gateway.wait_for(lambda: gateway.lost)
    assert _state(agent) != "T"
    with pytest.raises(GovernorLost):
        await gateway.client.attach(agent.started)
    agent.end()
    successor = await start()
    assert successor.client.mechanism
