"""AR-9, AR-11 and AR-12: connections belong to their user, events arrive, connections leave nothing."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

from robot.api.deco import keyword

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.rules.facts import judge_facts
from isolation.judge.traffic.event_order import judge_event_order
from isolation.record.facts import Fact
from isolation.record.holdings import Cycle
from registry_keywords import scene
from registry_keywords.attempts import Attempt, allowed, judge_attempts, probes, try_all, unknown_like
from registry_keywords.histories import agent_id
from registry_keywords.settling import settled
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.failures import NothingToSay

_THREAD = "main"
_REPLAYED = "replayed"
_SILENT_WITHIN = 3.0


class Bridge:
    """Sessions and events."""

    # --- AR-9 ---------------------------------------------------------------------------------------------------------

    @keyword
    def sessions_should_know_their_user(self, promise: str) -> None:
        """Every session, further ones and those after a reconnection too, should be its own user's, by its own word.

        Args:
            promise: Id of the promise.

        Example:
        | Sessions Should Know Their User | AR-9 |
        """
        users = scene.scene().users
        second = scene.connect(scene.another_session(user, "second") for user in users)
        facts = _who_they_are([*users, *second], 2)
        runs.current().manager.disconnect(second, gracefully=False)
        third = scene.connect(scene.another_session(user, "again") for user in users)
        facts += _who_they_are([*users, *third], 2)
        ids = [scene.session_id(agent.name) for agent in (*users, *second, *third)]
        facts.append(Fact("", "the number of different session ids", len(ids), len(set(ids))))
        runs.current().manager.disconnect(third)
        COLLECTOR.decide(judge_facts(promise, "sessions with a wrong context", facts))

    @keyword
    def only_the_own_session_can_be_resumed(self, promise: str) -> None:
        """A session that was cut should be resumed by its own user, and by nobody else.

        Args:
            promise: Id of the promise.

        Example:
        | Only The Own Session Can Be Resumed | AR-9 |
        """
        users = scene.scene().users
        lost = scene.connect(scene.another_session(user, "lost") for user in users)
        runs.current().manager.disconnect(lost, gracefully=False)
        strangers, owners = [], []
        for user, other in zip(users, [*users[1:], users[0]], strict=True):
            session = scene.session_id(f"{user.name}-lost")
            named: dict[str, object] = {"session": session, "sequence": 0}
            strangers += [
                Attempt(other, user, "session_resume", named),
                Attempt(user, user, "session_resume", {**named, "session": unknown_like(session)}, unknown=True),
            ]
            owners.append(allowed(user, "session_resume", **named))
        tried = [*try_all(strangers, "resuming"), *try_all(owners, "resuming")]
        COLLECTOR.decide(judge_attempts(promise, probes(tried)))

    @keyword
    def pass_agents_from_session_to_session(self) -> None:
        """Let every user use an agent in one session, then in another one, then in a new connection after a cut.

        Example:
        | Pass Agents From Session To Session |
        """
        users = scene.scene().users
        made = scene.ask_everybody("agent_create", agent_type="data")
        agents = {one.operation.tenant: agent_id(one) for one in made}
        heirs = scene.connect(scene.another_session(user, "heir") for user in users)
        scene.use_agents(users, agents, "passing")
        scene.use_agents(heirs, agents, "passing")
        scene.use_agents(users, agents, "passing")
        runs.current().manager.disconnect(heirs, gracefully=False)
        late = scene.connect(scene.another_session(user, "late heir") for user in users)
        scene.use_agents(late, agents, "passing")
        runs.current().manager.disconnect(late)

    # --- AR-11 --------------------------------------------------------------------------------------------------------

    @keyword
    def work_all_at_once(self, each: int, part: str) -> None:
        """Let every user ask for work many times, all at the same time, over two agents of its own.

        Args:
            each: Requests of each user to each of its agents.
            part: Name of what is asked here.

        Example:
        | Work All At Once | 8 | crowd |
        """
        users = scene.scene().users
        requests = [
            Request(user.name, "execute", {"work": "noop", "thread": thread})
            for _ in range(each)
            for thread in (_THREAD, "side")
            for user in users
        ]
        scene.ask(requests, part)

    @keyword
    def events_should_be_complete_and_in_order(self, promise: str, part: str) -> None:
        """Every answered request should have had all of its events, each once, in the promised order.

        Args:
            promise: Id of the promise.
            part: What was asked, by its name.

        Example:
        | Events Should Be Complete And In Order | AR-11 | crowd |
        """
        expected = runs.current().target.frames.work
        if not expected:
            raise NothingToSay("NOT APPLICABLE: the target file promises no order of events ('work').")
        COLLECTOR.decide(judge_event_order(promise, scene.scene().operations(part), scene.events(), expected))

    # --- AR-12 --------------------------------------------------------------------------------------------------------

    @keyword
    def open_and_close_again_and_again(self, cycles: int) -> None:
        """Let every user open a further session, work, and lose it: politely, with its own word, or cut and resumed.

        Everything the platform holds is counted after every cycle.

        Args:
            cycles: How many cycles are counted; one more before them wakes up what the platform makes once.

        Example:
        | Open And Close Again And Again | 3 |
        """
        found = scene.scene().cycles.setdefault("connections", [])
        for number in range(cycles + 1):
            sessions = scene.connect(scene.another_session(user, f"cycle {number}") for user in scene.scene().users)
            scene.ask([Request(one.name, "subscribe", {"topic": f"thread:{_THREAD}"}) for one in sessions], "cycles")
            scene.ask([Request(one.name, "noop") for one in sessions], "cycles")
            height = scene.count()
            polite, ended, cut = sessions[::3], sessions[1::3], sessions[2::3]
            scene.ask([Request(one.name, "session_end") for one in ended], "cycles")
            runs.current().manager.disconnect([*polite, *ended])
            self._cut_and_resume(cut, number)
            found.append(Cycle(height, settled()))

    @keyword
    def replays_should_be_complete(self, promise: str) -> None:
        """What a session missed while it was cut should have been replayed to its user, completely and in order.

        Args:
            promise: Id of the promise.

        Example:
        | Replays Should Be Complete | AR-12 |
        """
        facts: list[Fact] = []
        received, replayed = _sequences(), _replayed()
        final = runs.current().target.frames.answered
        for operation in scene.scene().operations("resuming after a cut"):
            resumed_by, frames = operation.session, replayed.get(operation.session, [])
            first = max(received[resumed_by.replace("-resumed-", "-cycle-")]) + 1
            due = list(range(first, first + len(frames)))
            facts.append(Fact(resumed_by, "the numbers of the replayed frames", due, [number for number, _ in frames]))
            facts.append(
                Fact(resumed_by, "whether the last one was the answer", True, bool(frames) and frames[-1][1] in final)
            )
        COLLECTOR.decide(judge_facts(promise, "sessions that missed something", facts))

    def _cut_and_resume(self, cut: Sequence[TenantAgent], number: int) -> None:
        """Cut in the middle of work, come back, ask for what was missed, and leave politely."""
        runs.current().engine.call("begin", [Request(one.name, "cpu", {"milliseconds": 30}) for one in cut])
        runs.current().manager.disconnect(list(cut), gracefully=False)
        back = scene.connect(scene.another_session(user, f"resumed {number}") for user in scene.scene().users[2::3])
        # An agent works in order of arrival: once it has answered this, it has done what was asked before the cut.
        scene.ask([Request(one.name, "noop") for one in back], "cycles")
        seen = _sequences()
        requests = [
            Request(
                one.name,
                "session_resume",
                {"session": scene.session_id(old.name), "sequence": max(seen.get(old.name, [0]))},
            )
            for one, old in zip(back, cut, strict=True)
        ]
        scene.ask(requests, "resuming after a cut")
        _wait_for_silence()
        runs.current().manager.disconnect(back)


def _wait_for_silence() -> None:
    """Wait until nobody receives anything more: replays follow their answer, and whoever closes hears no more of them."""
    before, until = None, time.monotonic() + _SILENT_WITHIN
    while time.monotonic() < until:
        counts = [(state.name, state.received) for state in runs.current().engine.call("sessions")]
        if counts == before:
            return
        before = counts
        time.sleep(0.1)


def _who_they_are(sessions: Sequence[TenantAgent], open_sessions: int) -> list[Fact]:
    asked = scene.ask([Request(agent.name, "session_info") for agent in sessions], "contexts")
    expected = {
        agent.name: {
            "session_id": scene.session_id(agent.name),
            "tenant": agent.tenant_id,
            "user": agent.user_id,
            "role": agent.role,
            "open_sessions": open_sessions,
        }
        for agent in sessions
    }
    return [
        Fact(agent.name, "the context", expected[agent.name], one.operation.result)
        for agent, one in zip(sessions, asked, strict=True)
    ]


def _sequences() -> dict[str, list[int]]:
    """The numbers of the frames that each session received."""
    found: dict[str, list[int]] = defaultdict(list)
    for event in scene.events():
        found[event.session].append(event.sequence)
    return found


def _replayed() -> dict[str, list[tuple[int, str]]]:
    """Number and kind of the frames that were replayed to each session."""
    words = runs.current().target.frames
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for session, frame in scene.messages():
        inner = frame.get("frame")
        if frame.get(words.kind) == _REPLAYED and isinstance(inner, dict) and words.sequence:
            found[session].append((int(inner[words.sequence]), str(inner.get(words.kind))))
    return found
