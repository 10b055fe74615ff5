"""AR-15: nobody reaches into the work of another user, and a crash stays at home."""

from __future__ import annotations

from collections.abc import Sequence

from robot.api.deco import keyword

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.rules.facts import judge_facts
from isolation.record import Outcome
from isolation.record.asked import RequestRecord
from isolation.record.facts import Fact
from registry_keywords import scene
from registry_keywords.attempts import Attempt, allowed, judge_attempts, probes, try_all, unknown_like
from registry_keywords.histories import agent_id
from robot_support.collector import COLLECTOR


class Boundaries:
    """Work that others try to reach, and work that fails."""

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

        COLLECTOR.decide(judge_attempts(promise, probes(tried, intact)))

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
        requests = [Request(u.name, "execute", {"work": "crash" if u.name in crashing else "noop"}) for u in users]
        crashes = {one.operation.tenant: one for one in scene.ask(requests, "crashes")}
        after, answers = scene.processes(), scene.ask_everybody("noop", "after the crashes")
        calm = {user.user_id for user in users if user.name not in crashing}
        facts = [Fact(name, "the end of its work", "agent_stopped", crashes[name].operation.code) for name in crashing]
        for agent, process in before.items():
            if process.user in calm:
                shown = after[agent].pid if agent in after else None
                facts.append(Fact(scene.name_of(process.user), "the process of an agent", process.pid, shown))
        facts += [Fact(one.operation.tenant, "the answer", Outcome.ANSWERED, one.operation.outcome) for one in answers]
        COLLECTOR.decide(judge_facts(promise, "users who felt the crash of another one", facts))


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


def _cancel_own(users: Sequence[TenantAgent]) -> list[tuple[Attempt, RequestRecord]]:
    """Every user cancels a long work of its own: the twin of cancelling somebody else's."""
    requests = [Request(user.name, "cpu", {"milliseconds": 2000}) for user in users[:3]]
    cancels = [Request(user.name, "cancel", {"target": _next_request(user)}) for user in users[:3]]
    asked = scene.ask([*requests, *cancels], "own work")[len(requests) :]
    return [(allowed(user, "cancel"), one) for user, one in zip(users, asked, strict=False)]
