"""AR-1 to AR-4: registries of their own, no leak in the factory, no shared state, permissions."""

from __future__ import annotations

from collections.abc import Sequence

from robot.api.deco import keyword

from contamination.secrets import run_secrets
from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.registry.lifecycle import judge_lists, judge_ownership
from isolation.judge.rules.facts import judge_facts
from isolation.record.facts import Fact
from registry_keywords import scene
from registry_keywords.attempts import Attempt, allowed, judge_attempts, probes, try_all, unknown_like
from registry_keywords.histories import agent_id, history, made_agents, see_agents, whole_lists_only
from registry_keywords.roles import role_attempts
from registry_keywords.searching import profile_with_secrets
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.scenario import scenario

TYPES = ("triage", "data")
THREADS = ("main", "side")
_QUESTION = "What does everybody ask?"


class Isolation:
    """Registries of their own and what users can reach."""

    @keyword
    def register_alike(self) -> None:
        """Let every user make agents of the same types in the same threads, work in the same default threads, and list.

        Example:
        | Register Alike |
        """
        users = scene.scene().users
        requests = [
            Request(user.name, "agent_create", {"agent_type": kind, "thread": thread})
            for kind in TYPES
            for thread in THREADS
            for user in users
        ]
        scene.ask(requests, "registration")
        scene.ask(
            [Request(user.name, "execute", {"work": "noop", "thread": t}) for t in THREADS for user in users], "work"
        )
        scene.ask_everybody("agent_list", "lists")
        see_agents()

    @keyword
    def agents_should_have_one_owner(self, promise: str) -> None:
        """Every agent that anybody was ever given or shown, by any door, should belong to one user for all time.

        Args:
            promise: Id of the promise.

        Example:
        | Agents Should Have One Owner | AR-1 |
        """
        COLLECTOR.decide(judge_ownership(promise, [*history(), *scene.scene().sightings]))

    @keyword
    def lists_should_be_right(self, promise: str) -> None:
        """Every list should have shown exactly the agents of the user who asked.

        Args:
            promise: Id of the promise.

        Example:
        | Lists Should Be Right | AR-1 |
        """
        COLLECTOR.decide(judge_lists(promise, history(whole_lists_only(scene.scene().asked))))

    @keyword
    def reach_for_foreign_agents(self, promise: str) -> None:
        """Every user tries to look up, list and use the agents of the next one; all should be refused, the own ones not.

        Args:
            promise: Id of the promise.

        Example:
        | Reach For Foreign Agents | AR-1 |
        """
        users = scene.scene().users
        own = {one.operation.tenant: agent_id(one) for one in made_agents(scene.scene().asked)}
        tries: list[Attempt] = []
        for caller, owner in zip(users, [*users[1:], users[0]], strict=True):
            mine, foreign = own.get(caller.name, ""), own.get(owner.name, "")
            if mine and foreign:
                tries += _reaching(caller, owner, foreign)
                tries += [allowed(caller, "agent_get", agent=mine), allowed(caller, "agent_list")]
                tries += [allowed(caller, "agent_health"), allowed(caller, "execute", agent=mine, work="noop")]
        COLLECTOR.decide(judge_attempts(promise, probes(try_all(tries, "reaching"))))

    # --- AR-3 ---------------------------------------------------------------------------------------------------------

    @keyword
    def keep_state_everywhere(self) -> None:
        """Let every user keep secrets of its own in everything that could be shared by mistake.

        That is: profile, preferences, context, history, and the memory of an agent of the same type and thread for all.

        Example:
        | Keep State Everywhere |
        """
        users, secrets = scene.scene().users, run_secrets()
        secrets.plant(users)
        requests: list[Request] = []
        for user in users:
            requests += [
                Request(user.name, "state_put", {"scope": "profile", "key": "me", "value": profile_with_secrets(user)}),
                Request(user.name, "state_put", {"scope": "preference", "key": "note", "value": _secret(user, 1)}),
                Request(user.name, "state_put", {"scope": "context", "key": "note", "value": _secret(user, 2)}),
                Request(user.name, "history_append", {"thread": "main", "entry": _secret(user, 3)}),
                Request(user.name, "remember", {"text": _secret(user, 4)}),
            ]
        scene.ask(requests, "state kept")

    @keyword
    def own_state_should_come_back(self, promise: str) -> None:
        """Every user reads everything back and asks what everybody asks; each should get its own, and no cached answer.

        Args:
            promise: Id of the promise.

        Example:
        | Own State Should Come Back | AR-3 |
        """
        users = scene.scene().users
        reports = scene.ask_everybody("report", "state read", text="my report")
        recalls = scene.ask_everybody("recall", "state read")
        notes = scene.ask_everybody("state_get", "state read", scope="preference", key="note")
        requests = [Request(user.name, "ask", {"question": _QUESTION}) for user in users]
        # One half after the other: an answer that was kept for somebody of the first half would serve the second.
        half = len(requests) // 2
        first = [*scene.ask(requests[:half], "state read"), *scene.ask(requests[half:], "state read")]
        again = scene.ask_everybody("ask", "state read", question=_QUESTION)
        facts: list[Fact] = []
        for user, report, recall, note, new, old in zip(users, reports, recalls, notes, first, again, strict=True):
            facts += [
                Fact(
                    user.name,
                    "the profile in the report",
                    profile_with_secrets(user),
                    scene.result(report).get("profile"),
                ),
                Fact(user.name, "the memory of the agent", [_secret(user, 4)], scene.result(recall).get("memories")),
                Fact(user.name, "the preference", _secret(user, 1), scene.result(note).get("value")),
                Fact(user.name, "whether the first answer was cached", False, scene.result(new).get("cached")),
                Fact(user.name, "whether the own second answer was cached", True, scene.result(old).get("cached")),
            ]
        COLLECTOR.decide(judge_facts(promise, "states that were not the user's own", facts))

    # --- AR-4 ---------------------------------------------------------------------------------------------------------

    @keyword
    def try_everything_in_every_role(self, promise: str) -> None:
        """An admin, a standard and a restricted user of one tenant try what they may and may not; so does a foreign admin.

        Each forbidden request is also made with the claim to be an admin in the request itself.

        Args:
            promise: Id of the promise.

        Example:
        | Try Everything In Every Role | AR-4 |
        """
        tried = try_all(role_attempts(_people_of_every_role()), "roles")
        COLLECTOR.decide(judge_attempts(promise, probes(tried)))


def _people_of_every_role() -> dict[str, TenantAgent]:
    manager = runs.current().manager
    admin = manager.create_tenant_agents(1, "admin")[0]
    people = {
        "admin": admin,
        "standard": manager.add_user(admin, "standard"),
        "restricted": manager.add_user(admin, "restricted"),
        "foreign admin": manager.create_tenant_agents(1, "admin")[0],
    }
    scenario().tenants.extend(people.values())
    scene.connect(people.values())
    return people


def _reaching(caller: TenantAgent, owner: TenantAgent, agent: str) -> Sequence[Attempt]:
    unknown = unknown_like(agent)
    return [
        Attempt(caller, owner, "agent_get", {"agent": agent}),
        Attempt(caller, owner, "agent_get", {"agent": agent, "of": owner.user_id}),
        Attempt(caller, owner, "agent_list", {"of": owner.user_id}),
        Attempt(caller, owner, "agent_health", {"of": owner.user_id}),
        Attempt(caller, owner, "execute", {"agent": agent, "work": "noop"}),
        Attempt(caller, owner, "agent_get", {"agent": unknown}, unknown=True),
        Attempt(caller, owner, "execute", {"agent": unknown, "work": "noop"}, unknown=True),
    ]


def _secret(user: TenantAgent, number: int) -> str:
    return f"note {number} {run_secrets().extra(user, number)}"
