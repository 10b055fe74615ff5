"""AR-2, AR-19 to AR-21: memory that does not grow, and resources that come back, counted one by one."""

from __future__ import annotations

import time
from collections.abc import Sequence

from robot.api.deco import keyword

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.registry.lifecycle import Release, judge_memory_growth, judge_released
from isolation.judge.resources.left_over import judge_left_over
from isolation.record import Measurement
from isolation.record.holdings import Cycle, Holdings
from registry_keywords import scene
from registry_keywords.histories import agent_id, made_agents
from registry_keywords.settling import counted, settled
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.quantities import Duration
from robot_support.scenario import scenario

_GATEWAY = "gateway"
_ROUNDS_EACH_SECOND = 1.0
"""How often everybody makes and removes an agent in a long session."""
_VISITOR_AGENTS = 2


class Memory:
    """Memory and resources of the platform, measured on its own processes."""

    @keyword
    def count_what_the_platform_holds(self, moment: str) -> None:
        """Wait until the platform has come to rest and count: memory by process, handles, tasks, rows, keys and more.

        Args:
            moment: Name of the moment, for later sentences.

        Example:
        | Count What The Platform Holds | before |
        """
        scene.scene().counts[moment] = settled()

    @keyword
    def make_and_remove_many_agents(self, each: int, peak: str) -> None:
        """Let every user make agents, use each of them, and remove them all; counted while all of them are there.

        Args:
            each: Agents of each user.
            peak: Name of the moment at which all of them are there.

        Example:
        | Make And Remove Many Agents | 8 | all agents there |
        """
        users = scene.scene().users
        makes = [Request(user.name, "agent_create", {"agent_type": "data", "thread": "many"}) for user in users] * each
        made = made_agents(scene.ask(makes, "factory"))
        scene.ask(
            [Request(one.operation.tenant, "execute", {"agent": agent_id(one), "work": "noop"}) for one in made],
            "factory",
        )
        scene.scene().counts[peak] = scene.count()
        scene.ask([Request(one.operation.tenant, "agent_remove", {"agent": agent_id(one)}) for one in made], "factory")

    @keyword
    def memory_should_not_have_grown(self, promise: str, since: str, until: str, part: str) -> None:
        """Memory of the gateway and of the agent processes may have grown only within the limits of the promise.

        Args:
            promise: Id of the promise; its limits ``growth`` and ``per operation`` decide (the latter where there is one).
            since: Name of the moment before.
            until: Name of the moment after.
            part: What was asked in between, by its name.

        Example:
        | Memory Should Not Have Grown | AR-2 | before | after | factory |
        """
        before, after = scene.scene().counts[since], scene.scene().counts[until]
        operations = sum(operation.answered for operation in scene.scene().operations(part))
        COLLECTOR.decide([
            *_growth(promise, "the gateway", before.memory.get(_GATEWAY), after.memory.get(_GATEWAY), operations),
            *_growth(promise, "the agent processes", before.agent_memory, after.agent_memory, operations),
        ])  # fmt: skip

    @keyword
    def resources_should_be_released(self, promise: str, since: str, peak: str, until: str) -> None:
        """Of the processes, rows and memory that were taken, more than the promised share should be released again.

        Args:
            promise: Id of the promise; its limit ``released`` decides.
            since: Name of the moment before.
            peak: Name of the moment at which most was taken.
            until: Name of the moment after.

        Example:
        | Resources Should Be Released | AR-2 | before | all agents there | after |
        """
        moments = [scene.scene().counts[name] for name in (since, peak, until)]
        limit = runs.current().limit(promise, "released")
        COLLECTOR.decide(judge_released(promise, _releases(*moments), limit))

    @keyword
    def work_for_many_rounds(self, rounds: int, part: str) -> None:
        """Let all users work at the same time: memory that is taken and freed, events, saved state, a little of everything.

        Args:
            rounds: How many rounds; every user makes four requests in each.
            part: Name of what is asked here.

        Example:
        | Work For Many Rounds | 8 | mixed |
        """
        for number in range(rounds):
            requests: list[Request] = []
            for user in scene.scene().users:
                requests += [
                    Request(user.name, "typical", {"milliseconds": 1}),
                    Request(user.name, "memory", {"megabytes": 4, "seconds": 0}),
                    Request(user.name, "messages", {"count": 5, "bytes": 200}),
                    Request(user.name, "state_put", {"scope": "context", "key": "round", "value": number}),
                ]
            scene.ask(requests, part)

    # --- AR-20 --------------------------------------------------------------------------------------------------------

    @keyword
    def let_visitors_come_and_go(self, cycles: int, count: int) -> None:
        """Again and again, new sessions of the same visitors take all they can and end; everything is counted after each.

        A visitor makes agents, works, subscribes, gets answers that are kept, takes a database connection, and ends its
        session. The first cycle only wakes up what the platform makes once.

        Args:
            cycles: How many cycles are counted.
            count: How many visitors.

        Example:
        | Let Visitors Come And Go | 3 | 10 |
        """
        visitors = runs.current().manager.create_tenant_agents(count, prefix="visitor")
        scenario().tenants.extend(visitors)
        scene.scene().cycles["visits"] = []
        for number in range(cycles + 1):
            height = _visit(visitors, number)
            scene.scene().cycles["visits"].append(Cycle(height, settled(visitors)))
        first, last = scene.scene().cycles["visits"][0], scene.scene().cycles["visits"][-1]
        scene.scene().counts |= {
            "before the visits": first.rest,
            "visits peak": last.height,
            "after the visits": last.rest,
        }

    @keyword
    def nothing_should_be_left_over(self, promise: str, cycles: str, *taken: str) -> None:
        """After every cycle exactly as many handles, tasks, subscriptions, rows, keys and processes as after the first.

        Args:
            promise: Id of the promise.
            cycles: Name of the cycles.
            taken: Kinds of things that the cycles have to take, or it would prove nothing that none of them is left. What
                was taken besides is judged, too.

        Example:
        | Nothing Should Be Left Over | AR-20 | visits | agents | leases |
        """
        found = scene.scene().cycles[cycles]
        heights, rests = [counted(one.height) for one in found], [counted(one.rest) for one in found]
        COLLECTOR.decide(judge_left_over(promise, heights, rests, taken))

    # --- AR-21 --------------------------------------------------------------------------------------------------------

    @keyword
    def keep_sessions_busy(self, duration: Duration, rounds: str) -> None:
        """Let every session work for long: make an agent, use it, save and read, remove it, in rounds; counted after each.

        Args:
            duration: How long.
            rounds: Name of the rounds, for later sentences.

        Example:
        | Keep Sessions Busy | 10 seconds | long |
        """
        found: list[Cycle] = []
        scene.scene().cycles[rounds], counts = found, scene.scene().counts
        ends = time.monotonic() + duration
        while time.monotonic() < ends or len(found) < 2:
            began = time.monotonic()
            self.make_and_remove_many_agents(1, f"{rounds} peak")
            self.work_for_many_rounds(1, rounds)
            found.append(Cycle(counts[f"{rounds} peak"], settled()))
            time.sleep(max(0.0, began + 1 / _ROUNDS_EACH_SECOND - time.monotonic()))
        counts[f"{rounds} begin"], counts[f"{rounds} end"] = found[0].rest, found[-1].rest


def _growth(promise: str, whose: str, before: int | None, after: int | None, operations: int) -> list[Measurement]:
    run = runs.current()
    growth = run.limit(promise, "growth")
    single = run.limit(promise if "per operation" in run.catalogue[promise].limits else "AR-2", "per operation")
    found = judge_memory_growth(promise, before, after, operations, growth, single)
    return [one.model_copy(update={"metric": f"{one.metric} of {whose}"}) for one in found]


def _releases(before: Holdings, peak: Holdings, after: Holdings) -> list[Release]:
    things = ("agent processes", "rows of agents")
    moments = [counted(one) for one in (before, peak, after)]
    numbers = [Release(kind, *(moment[kind] for moment in moments)) for kind in things]
    memory = Release("bytes of agent memory", before.agent_memory, peak.agent_memory, after.agent_memory)
    return [*numbers, memory]


def _visit(visitors: Sequence[TenantAgent], number: int) -> Holdings:
    """One visit of each; what was held at its height."""
    sessions = scene.connect(scene.another_session(visitor, f"visit {number}") for visitor in visitors)
    made = [Request(one.name, "agent_create", {"agent_type": "data"}) for one in sessions] * _VISITOR_AGENTS
    scene.ask(made, "visits")
    for kind, arguments in (
        ("typical", {"milliseconds": 1}),
        ("ask", {"question": f"question {number}"}),
        ("connection_leak", {"count": 1}),
        ("subscribe", {"topic": "thread:main"}),
    ):
        scene.ask([Request(one.name, kind, dict(arguments)) for one in sessions], "visits")
    height = scene.count(visitors)
    scene.ask([Request(one.name, "session_end") for one in sessions], "visits")
    runs.current().manager.disconnect(sessions)
    return height
