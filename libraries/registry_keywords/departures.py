"""AR-16: sessions end, everything of them goes, and the others keep everything."""

from __future__ import annotations

import time
from collections.abc import Sequence

from robot.api.deco import keyword

from isolation.drive.load.engine import Request
from isolation.judge.registry.lifecycle import Release, judge_nothing_survives, judge_released
from isolation.judge.rules.facts import judge_facts
from isolation.record import Outcome, ProcessRef
from isolation.record.asked import RequestRecord
from isolation.record.facts import Fact
from isolation.record.registry.actions import Action, RegistryAction
from registry_keywords import scene
from registry_keywords.histories import history, lives, see_whether_gone
from robot_support import run as runs
from robot_support.collector import COLLECTOR

_GONE_WITHIN = 4.0


class Departures:
    """Users who end their sessions beside users who stay."""

    @keyword
    def end_half_of_the_sessions(self) -> None:
        """Every user makes agents, works and gets answers that are kept; then every second one ends its session.

        Example:
        | End Half Of The Sessions |
        """
        found = scene.scene()
        scene.ask([Request(user.name, "agent_create", {"agent_type": "data"}) for user in found.users] * 2, "sessions")
        scene.ask_everybody("ask", "sessions", question="What is kept for me?")
        scene.ask([Request(user.name, "agent_list") for user in found.users[1::2]], "before the ends")
        running = list(scene.processes().values())
        leaving = found.users[::2]
        ends = scene.ask([Request(user.name, "session_end") for user in leaving], "ends")
        _wait_until_gone([ref for ref in running if ref.user in {user.user_id for user in leaving}])
        for end in ends:
            own = [ref for ref in running if ref.user == end.operation.user]
            found.sightings += [_removal(end, ref) for ref in own]
            see_whether_gone([ref.agent for ref in own], end.operation.user, own)

    @keyword
    def nobody_should_know_ended_sessions(self, promise: str) -> None:
        """No agent of a user who ended its session should be known to anybody, nor its process live (limit ``released``).

        The users come back, find an empty registry, and cannot reach what they had.

        Args:
            promise: Id of the promise.

        Example:
        | Nobody Should Know Ended Sessions | AR-16 |
        """
        found = scene.scene()
        back = scene.connect(scene.another_session(user, "back") for user in found.users[::2])
        lists = scene.ask([Request(one.name, "agent_list") for one in back], "coming back")
        removed = [(a.user, a.agent) for a in found.sightings if a.action is Action.REMOVE]
        scene.ask(
            [
                Request(one.name, "agent_get", {"agent": agent})
                for one in back
                for u, agent in removed
                if u == one.user_id
            ]
        )
        facts = [
            Fact(one.operation.tenant, "the list after coming back", [], scene.result(one).get("agents"))
            for one in lists
        ]
        survivors = judge_nothing_survives(promise, [*history(), *found.sightings])
        alive = [a for a in found.sightings if a.door == "process" and a.outcome is Outcome.ANSWERED]
        release = Release("processes of those who left", 0, len(removed), len(alive))
        COLLECTOR.decide([
            survivors,
            *judge_released(promise, [release], runs.current().limit(promise, "released")),
            judge_facts(promise, "registries that were not empty after coming back", facts),
        ])  # fmt: skip

    @keyword
    def the_others_should_have_kept_everything(self, promise: str) -> None:
        """Users who stayed should have the same agents, answering, while colleagues of their own tenant left.

        Args:
            promise: Id of the promise.

        Example:
        | The Others Should Have Kept Everything | AR-16 |
        """
        before = scene.scene().parts["before the ends"]
        staying = [one.operation.tenant for one in before]
        lists = scene.ask([Request(name, "agent_list") for name in staying])
        works = scene.ask([Request(name, "noop") for name in staying])
        facts: list[Fact] = []
        for name, earlier, shown, work in zip(staying, before, lists, works, strict=True):
            agents = scene.result(earlier).get("agents")
            facts.append(Fact(name, "the list of its agents", agents, scene.result(shown).get("agents")))
            facts.append(Fact(name, "the answer", Outcome.ANSWERED, work.operation.outcome))
        COLLECTOR.decide(judge_facts(promise, "users who lost something with others", facts))


def _wait_until_gone(processes: Sequence[ProcessRef]) -> None:
    deadline = time.monotonic() + _GONE_WITHIN
    while any(map(lives, processes)) and time.monotonic() < deadline:
        time.sleep(0.1)


def _removal(end: RequestRecord, process: ProcessRef) -> RegistryAction:
    """The end of a session as the removal of one of its user's agents."""
    operation = end.operation
    return RegistryAction(
        tenant=operation.tenant,
        user=operation.user,
        action=Action.REMOVE,
        agent=process.agent,
        began_at=operation.intended_at,
        ended_at=operation.completed_at,
        outcome=operation.outcome,
        door="session_end",
    )
