"""AR-13 to AR-16: many users at once, their data, the boundaries of their work, and what is left when they go."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence

from robot.api.deco import keyword

from contamination.secrets import run_secrets
from isolation.drive.engine import Ask
from isolation.drive.tenants import TenantAgent
from isolation.judge.echoes import Echo, judge_echoes
from isolation.judge.facts import Fact, judge_facts
from isolation.judge.lifecycle import Action, RegistryAction, Release, judge_nothing_survives, judge_released
from isolation.record import Outcome, ProcessRef
from isolation.record.asked import Asked
from registry_keywords import scene
from registry_keywords.attempts import Attempt, allowed, judge_attempts, probes, try_all, unknown_like
from registry_keywords.histories import agent_id, history, lives, see_whether_gone
from registry_keywords.searching import profile_with_secrets
from robot_support import run as runs
from robot_support.book import BOOK

_GONE_WITHIN = 4.0
_TAMPERED = "changed by somebody else"


class ManyUsers:
    """What holds when many users of several tenants work side by side."""

    # --- AR-13 --------------------------------------------------------------------------------------------------------

    @keyword
    def do_everything_at_once(self, part: str) -> None:
        """Let every user make eight different requests, all of all users at the same time.

        Args:
            part: Name of what is asked here.

        Example:
        | Do Everything At Once | mixed |
        """
        asks: list[Ask] = []
        for user in scene.scene().users:
            asks += [
                Ask(user.name, "report", {"text": f"{user.user_id} {uuid.uuid4().hex}"}),
                Ask(user.name, "state_put", {"scope": "context", "key": "mixed", "value": user.user_id}),
                Ask(user.name, "state_get", {"scope": "context", "key": "mixed"}),
                Ask(user.name, "typical", {"milliseconds": 1}),
                Ask(user.name, "agent_create", {"agent_type": "triage", "thread": "mixed"}),
                Ask(user.name, "agent_list"),
                Ask(user.name, "history_append", {"thread": "mixed", "entry": user.user_id}),
                Ask(user.name, "history_read", {"thread": "mixed"}),
            ]
        scene.ask(asks, part)

    @keyword
    def answers_should_be_their_own(self, promise: str, part: str) -> None:
        """Every answer should give back the text of its own request and the state of its own user.

        Args:
            promise: Id of the promise.
            part: What was asked, by its name.

        Example:
        | Answers Should Be Their Own | AR-13 | mixed |
        """
        asked = scene.scene().parts[part]
        echoes = [_echo(one) for one in asked if one.operation.kind == "report"]
        facts = [
            Fact(one.operation.tenant, "the saved context", one.operation.user, scene.result(one).get("value"))
            for one in asked
            if one.operation.kind == "state_get"
        ]
        facts += [
            Fact(one.operation.tenant, "the history", [one.operation.user], scene.result(one).get("entries"))
            for one in asked
            if one.operation.kind == "history_read"
        ]
        BOOK.decide(
            [judge_echoes(promise, echoes), judge_facts(promise, "answers with the state of another user", facts)]
        )

    # --- AR-14 --------------------------------------------------------------------------------------------------------

    @keyword
    def reach_for_foreign_data(self, promise: str) -> None:
        """Every user tries to read, list, change, remove and add to the data of the next one, by that user's id.

        All should be refused and without effect: the owners look afterwards. The owners' own requests are not refused.

        Args:
            promise: Id of the promise.

        Example:
        | Reach For Foreign Data | AR-14 |
        """
        users = scene.scene().users
        place: dict[str, object] = {"scope": "preference", "key": "private"}
        values = {user.name: f"private to {user.user_id}" for user in users}
        scene.ask([Ask(user.name, "state_put", {**place, "value": values[user.name]}) for user in users])
        scene.ask_everybody("history_append", thread="private", entry="mine")
        tries: list[Attempt] = []
        for caller, owner in zip(users, [*users[1:], users[0]], strict=True):
            tries += [
                Attempt(caller, owner, kind, {**plain, "user": owner.user_id}) for kind, plain in _data_requests()
            ]
        tries += [allowed(user, kind, **plain) for user in users for kind, plain in _own_requests()]
        tried = try_all(tries, "data")
        kept = scene.ask_everybody("state_get", **place)
        histories = scene.ask_everybody("history_read", thread="private")
        intact = {
            user.name: scene.result(value).get("value") == values[user.name]
            and scene.result(lines).get("entries") == ["mine"]
            for user, value, lines in zip(users, kept, histories, strict=True)
        }
        BOOK.decide(judge_attempts(promise, probes(tried, lambda attempt: intact[attempt.owner.name])))

    @keyword
    def work_with_customer_data(self) -> None:
        """Let every user save secrets, get reports full of them, and let a supervisor work with them.

        Example:
        | Work With Customer Data |
        """
        users, secrets = scene.scene().users, run_secrets()
        secrets.plant(users)
        saves = [
            Ask(u.name, "state_put", {"scope": "profile", "key": "me", "value": profile_with_secrets(u)}) for u in users
        ]
        scene.ask(saves, "customer data")
        for number in range(2):
            scene.ask([Ask(u.name, "report", {"text": secrets.extra(u, number)}) for u in users], "customer data")
        scene.ask([Ask(u.name, "orchestrate", {"text": secrets.extra(u, 9)}) for u in users], "customer data")

    # --- AR-15 --------------------------------------------------------------------------------------------------------

    @keyword
    def reach_into_foreign_work(self, promise: str) -> None:
        """While every user's agent works, the next user tries to use, stop, reset, remove, watch and cancel it.

        All should be refused and without effect: afterwards every agent runs in the same process, and its work was
        answered. The owners can do all of this.

        Args:
            promise: Id of the promise.

        Example:
        | Reach Into Foreign Work | AR-15 |
        """
        users = scene.scene().users
        victims = {
            one.operation.tenant: agent_id(one) for one in scene.ask_everybody("agent_create", agent_type="data")
        }
        spares = {one.operation.tenant: agent_id(one) for one in scene.ask_everybody("agent_create", agent_type="data")}
        before = scene.processes()
        tries = [allowed(user, "cpu", milliseconds=60) for user in users]
        for caller, owner in zip(users, [*users[1:], users[0]], strict=True):
            victim = victims[owner.name]
            for name, unknown in ((victim, False), (unknown_like(victim), True)):
                tries += [Attempt(caller, owner, kind, plain, unknown=unknown) for kind, plain in _interference(name)]
            tries.append(Attempt(caller, owner, "cancel", {"target": _next_request(owner)}))
        tried = try_all(tries, "interference")
        for kinds in (("execute", "subscribe"), ("agent_stop", "agent_reset", "agent_remove")):
            own = [(u, one) for u in users for one in _interference(spares[u.name]) if one[0] in kinds]
            tried += try_all([allowed(user, kind, **plain) for user, (kind, plain) in own], "own work")
        tried += _cancel_own(users)
        after = scene.processes()
        answers = {a.caller.name: one.operation.answered for a, one in tried if a.kind == "cpu"}

        def intact(attempt: Attempt) -> bool | None:
            if attempt.kind == "cancel":
                return answers[attempt.owner.name]
            agent = victims[attempt.owner.name]
            return agent in after and after[agent] == before.get(agent)

        BOOK.decide(judge_attempts(promise, probes(tried, intact)))

    @keyword
    def crashes_should_stay_at_home(self, promise: str) -> None:
        """Every fifth user crashes its own agent; everybody else's agents go on in the same processes and answer.

        Args:
            promise: Id of the promise.

        Example:
        | Crashes Should Stay At Home | AR-15 |
        """
        users = scene.scene().users
        scene.ask_everybody("noop")
        before = scene.processes()
        crashing = {user.name for user in users[::5]}
        asks = [Ask(u.name, "execute", {"work": "crash" if u.name in crashing else "noop"}) for u in users]
        crashes = {one.operation.tenant: one for one in scene.ask(asks, "crashes")}
        after, answers = scene.processes(), scene.ask_everybody("noop", "after the crashes")
        calm = {user.user_id for user in users if user.name not in crashing}
        facts = [Fact(name, "the end of its work", "agent_stopped", crashes[name].operation.code) for name in crashing]
        for agent, process in before.items():
            if process.user in calm:
                shown = after[agent].pid if agent in after else None
                facts.append(Fact(scene.name_of(process.user), "the process of an agent", process.pid, shown))
        facts += [Fact(one.operation.tenant, "the answer", Outcome.ANSWERED, one.operation.outcome) for one in answers]
        BOOK.decide(judge_facts(promise, "users who felt the crash of another one", facts))

    # --- AR-16 --------------------------------------------------------------------------------------------------------

    @keyword
    def end_half_of_the_sessions(self) -> None:
        """Every user makes agents, works and gets answers that are kept; then every second one ends its session.

        Example:
        | End Half Of The Sessions |
        """
        found = scene.scene()
        scene.ask([Ask(user.name, "agent_create", {"agent_type": "data"}) for user in found.users] * 2, "sessions")
        scene.ask_everybody("ask", "sessions", question="What is kept for me?")
        scene.ask([Ask(user.name, "agent_list") for user in found.users[1::2]], "before the ends")
        running = list(scene.processes().values())
        leaving = found.users[::2]
        ends = scene.ask([Ask(user.name, "session_end") for user in leaving], "ends")
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
        lists = scene.ask([Ask(one.name, "agent_list") for one in back], "coming back")
        removed = [(a.user, a.agent) for a in found.sightings if a.action is Action.REMOVE]
        scene.ask(
            [Ask(one.name, "agent_get", {"agent": agent}) for one in back for u, agent in removed if u == one.user_id]
        )
        facts = [
            Fact(one.operation.tenant, "the list after coming back", [], scene.result(one).get("agents"))
            for one in lists
        ]
        survivors = judge_nothing_survives(promise, [*history(), *found.sightings])
        alive = [a for a in found.sightings if a.door == "process" and a.outcome is Outcome.ANSWERED]
        release = Release("processes of those who left", 0, len(removed), len(alive))
        BOOK.decide([
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
        lists = scene.ask([Ask(name, "agent_list") for name in staying])
        works = scene.ask([Ask(name, "noop") for name in staying])
        facts: list[Fact] = []
        for name, earlier, shown, work in zip(staying, before, lists, works, strict=True):
            agents = scene.result(earlier).get("agents")
            facts.append(Fact(name, "the list of its agents", agents, scene.result(shown).get("agents")))
            facts.append(Fact(name, "the answer", Outcome.ANSWERED, work.operation.outcome))
        BOOK.decide(judge_facts(promise, "users who lost something with others", facts))


def _echo(asked: Asked) -> Echo:
    heard = scene.result(asked).get("echo")
    return Echo(asked.operation.tenant, str(asked.arguments["text"]), heard if isinstance(heard, str) else None)


def _data_requests() -> list[tuple[str, dict[str, object]]]:
    place: dict[str, object] = {"scope": "preference", "key": "private"}
    return [
        ("state_get", dict(place)),
        ("state_list", {"scope": "preference"}),
        ("history_read", {"thread": "private"}),
        ("state_put", {**place, "value": _TAMPERED}),
        ("state_delete", dict(place)),
        ("history_append", {"thread": "private", "entry": _TAMPERED}),
        ("agent_list", {}),
    ]


def _own_requests() -> list[tuple[str, dict[str, object]]]:
    """The allowed twins; what they write lies apart. Requests of one session are served in their order."""
    place: dict[str, object] = {"scope": "preference", "key": "scratch"}
    return [
        ("state_put", {**place, "value": "mine"}),
        ("state_get", dict(place)),
        ("state_list", {"scope": "preference"}),
        ("state_delete", dict(place)),
        ("history_append", {"thread": "scratch", "entry": "mine"}),
        ("history_read", {"thread": "scratch"}),
        ("agent_list", {}),
    ]


def _interference(agent: str) -> list[tuple[str, dict[str, object]]]:
    return [
        ("execute", {"agent": agent, "work": "noop"}),
        ("subscribe", {"topic": f"agent:{agent}"}),
        ("agent_stop", {"agent": agent}),
        ("agent_reset", {"agent": agent}),
        ("agent_remove", {"agent": agent}),
    ]


def _next_request(user: TenantAgent) -> str:
    """The correlation id that a user's session gives to its next request."""
    last = next(o for o in reversed(scene.scene().operations()) if o.session == user.name)
    name, _, number = last.correlation_id.rpartition(".")
    return f"{name}.{int(number) + 1}"


def _cancel_own(users: Sequence[TenantAgent]) -> list[tuple[Attempt, Asked]]:
    """Every user cancels a long work of its own: the twin of cancelling somebody else's."""
    asks = [Ask(user.name, "cpu", {"milliseconds": 2000}) for user in users[:3]]
    cancels = [Ask(user.name, "cancel", {"target": _next_request(user)}) for user in users[:3]]
    asked = scene.ask([*asks, *cancels], "own work")[len(asks) :]
    return [(allowed(user, "cancel"), one) for user, one in zip(users, asked, strict=False)]


def _wait_until_gone(processes: Sequence[ProcessRef]) -> None:
    deadline = time.monotonic() + _GONE_WITHIN
    while any(map(lives, processes)) and time.monotonic() < deadline:
        time.sleep(0.1)


def _removal(end: Asked, process: ProcessRef) -> RegistryAction:
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
