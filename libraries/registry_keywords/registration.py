"""AR-5 to AR-8: registration, retrieval by user and thread, the life of an agent, and many requests at the same time."""

from __future__ import annotations

import time
from collections import defaultdict

from robot.api.deco import keyword

from isolation.drive.load.engine import Request
from isolation.drive.load.registry_traffic import TrafficPlan
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.registry.lifecycle import judge_nothing_survives
from isolation.judge.registry.linearity import judge_linearisable
from isolation.judge.rules.facts import judge_facts
from isolation.record import Outcome, ProcessRef
from isolation.record.asked import RequestRecord
from isolation.record.facts import Fact
from isolation.record.probes import Expected
from isolation.target.words import OperatorOperation, OperatorWord
from registry_keywords import scene
from registry_keywords.attempts import Attempt, allowed, judge_attempts, probes, try_all, unknown_like
from registry_keywords.histories import ABSENT, agent_id, history, lives, made_agents, see_whether_gone
from robot_support import run as runs
from robot_support.collector import COLLECTOR

_TYPES = ("triage", "data", "optimisation", "report")
_THREADS = ("first", "second")
_BUSY = "busy"
_GONE_WITHIN = 3.0


class Registration:
    """Agents are made, found, used and removed."""

    # --- AR-5 ---------------------------------------------------------------------------------------------------------

    @keyword
    def register_many_kinds(self) -> None:
        """Let every user make agents of several types in two threads, two of one type in the same thread among them.

        Example:
        | Register Many Kinds |
        """
        kinds = [*((kind, thread) for kind in _TYPES[:2] for thread in _THREADS), (_TYPES[0], _THREADS[0])]
        users = scene.scene().users
        requests = [
            Request(user.name, "agent_create", {"agent_type": k, "thread": t}) for k, t in kinds for user in users
        ]
        scene.ask(requests, "registration")
        scene.ask_everybody("agent_list", "registration")

    @keyword
    def agents_should_keep_their_context(self, promise: str) -> None:
        """Every agent should be shown with its own user, type and thread, by its user's door and by the operator's.

        Its work should also be done for its own user and tenant.

        Args:
            promise: Id of the promise.

        Example:
        | Agents Should Keep Their Context | AR-5 |
        """
        made = made_agents(scene.scene().parts["registration"])
        looks = scene.ask([Request(one.operation.tenant, "agent_get", {"agent": agent_id(one)}) for one in made])
        works = scene.ask(
            [Request(o.operation.tenant, "execute", {"agent": agent_id(o), "work": "noop"}) for o in made]
        )
        shown = {row[OperatorWord.AGENT]: row for row in runs.current().operator(OperatorOperation.AGENTS)}
        facts: list[Fact] = []
        for one, look, work in zip(made, looks, works, strict=True):
            user = scene.scene().sessions[one.operation.tenant]
            expected = {
                "agent": agent_id(one),
                "user": user.user_id,
                "agent_type": one.arguments["agent_type"],
                "thread": one.arguments["thread"],
            }
            worker = {
                "agent": work.operation.agent,
                **{name: scene.result(work).get(name) for name in ("user", "tenant")},
            }
            facts += [
                Fact(user.name, "the agent as it was made", expected, _part(scene.result(one), expected)),
                Fact(user.name, "the agent as its user sees it", expected, _part(scene.result(look), expected)),
                Fact(
                    user.name, "the agent as the operator sees it", expected, _part(shown.get(agent_id(one)), expected)
                ),
                Fact(
                    user.name,
                    "the agent at work",
                    {"agent": agent_id(one), "user": user.user_id, "tenant": user.tenant_id},
                    worker,
                ),
            ]
        COLLECTOR.decide(judge_facts(promise, "agents with a wrong context", facts))

    # --- AR-6 ---------------------------------------------------------------------------------------------------------

    @keyword
    def agents_should_be_found_in_their_thread_only(self, promise: str) -> None:
        """An agent should be found by its own user in its own thread, and by nobody and nowhere else.

        Args:
            promise: Id of the promise.

        Example:
        | Agents Should Be Found In Their Thread Only | AR-6 |
        """
        users = scene.scene().users
        own: dict[str, dict[str, str]] = defaultdict(dict)
        for one in made_agents(scene.scene().asked):
            own[one.operation.tenant][str(one.arguments.get("thread"))] = agent_id(one)
        tries: list[Attempt] = []
        for user, next_one in zip(users, [*users[1:], users[0]], strict=True):
            for thread, other in (_THREADS, reversed(_THREADS)):
                tries += _retrievals(user, next_one, own[user.name].get(thread, ""), thread, other)
        COLLECTOR.decide(judge_attempts(promise, probes(try_all(tries, "retrieval"))))

    @keyword
    def threads_should_have_agents_of_their_own(self, promise: str) -> None:
        """A list of a thread should show that thread's agents only, and work in a thread be done by an agent of it.

        Args:
            promise: Id of the promise.

        Example:
        | Threads Should Have Agents Of Their Own | AR-6 |
        """
        facts: list[Fact] = []
        for thread in _THREADS:
            works = scene.ask_everybody("execute", "retrieval", work="noop", thread=thread)
            looks = scene.ask(
                [Request(one.operation.tenant, "agent_get", {"agent": one.operation.agent}) for one in works]
            )
            lists = scene.ask_everybody("agent_list", "retrieval", thread=thread)
            for work, look, shown in zip(works, looks, lists, strict=True):
                who, agents = work.operation.tenant, scene.result(shown).get("agents")
                threads = {str(agent["thread"]) for agent in agents} if isinstance(agents, list) else None
                facts += [
                    Fact(
                        who,
                        f"the thread of the agent that worked in '{thread}'",
                        thread,
                        scene.result(look).get("thread"),
                    ),
                    Fact(who, f"the threads in the list of '{thread}'", {thread}, threads),
                ]
        COLLECTOR.decide(judge_facts(promise, "agents found in a thread that is not theirs", facts))

    # --- AR-7 ---------------------------------------------------------------------------------------------------------

    @keyword
    def live_a_whole_life(self, promise: str) -> None:
        """Every user takes an agent through its life: made, used, stopped, started again, removed; each step as promised.

        Args:
            promise: Id of the promise.

        Example:
        | Live A Whole Life | AR-7 |
        """
        agents = {
            one.operation.tenant: agent_id(one) for one in scene.ask_everybody("agent_create", agent_type="report")
        }
        facts: list[Fact] = []

        def step(kind: str, what: str, expected: object, field: str, **arguments: object) -> None:
            requests = [Request(name, kind, {"agent": agent, **arguments}) for name, agent in agents.items()]
            for one in scene.ask(requests, "life"):
                shown = one.operation.code if field == "code" else scene.result(one).get(field)
                facts.append(Fact(one.operation.tenant, what, expected, shown))

        step("remember", "how much a new agent remembers", 1, "remembered", text="something")
        step("agent_get", "the status of an agent at work", "running", "status")
        step("agent_stop", "the status after stopping", "stopped", "status")
        step("execute", "the refusal of a stopped agent", "agent_stopped", "code", work="noop")
        step("agent_reset", "the status after a reset", "running", "status")
        step("recall", "what an agent remembers after a reset", [], "memories")
        running = scene.processes()
        step("agent_remove", "the removal", True, "removed")
        COLLECTOR.decide(judge_facts(promise, "steps of a life that went wrong", facts))
        self._look_after_removal(agents, {agent: running[agent] for agent in agents.values() if agent in running})

    def _look_after_removal(self, agents: dict[str, str], processes: dict[str, ProcessRef]) -> None:
        deadline = time.monotonic() + _GONE_WITHIN
        while any(map(lives, processes.values())) and time.monotonic() < deadline:
            time.sleep(0.1)
        doors = ("agent_get", "execute", "agent_stop", "agent_reset", "agent_remove", "agent_list", "subscribe")
        requests = [
            Request(
                name, door, {} if door == "agent_list" else {"topic": f"agent:{agent}", "agent": agent, "work": "noop"}
            )
            for name, agent in agents.items()
            for door in doors
        ]
        scene.ask(requests, "afterlife")
        for name, agent in agents.items():
            user = scene.scene().sessions[name].user_id
            see_whether_gone([agent], user, [processes[agent]] if agent in processes else [])

    @keyword
    def no_door_should_know_removed_agents(self, promise: str) -> None:
        """After its removal no request, list, subscription, operator and process should know an agent any more.

        Args:
            promise: Id of the promise.

        Example:
        | No Door Should Know Removed Agents | AR-7 |
        """
        COLLECTOR.decide(judge_nothing_survives(promise, [*history(), *scene.scene().sightings]))

    # --- AR-8, AR-13 --------------------------------------------------------------------------------------------------

    @keyword
    def make_agents_all_at_once(self, each: int, part: str) -> None:
        """Let every user make agents, all of all users at the same instant, and remove them again at the same instant.

        Args:
            each: Agents of each user.
            part: Name of what is asked here, for later sentences.

        Example:
        | Make Agents All At Once | 8 | making agents |
        """
        users = scene.scene().users
        makes = [Request(user.name, "agent_create", {"agent_type": "data", "thread": "crowd"}) for user in users] * each
        made = made_agents(scene.ask(makes, part))
        scene.ask_everybody("agent_list", part)
        scene.ask([Request(one.operation.tenant, "agent_remove", {"agent": agent_id(one)}) for one in made], part)

    @keyword
    def use_the_registry_all_at_once(self, operations: int, sessions: int, part: str) -> None:
        """Let every user make, look up, use, list and remove agents at random, over several sessions at the same time.

        Args:
            operations: Requests of each session.
            sessions: Sessions of each user.
            part: Name of what is asked here, for later sentences.

        Example:
        | Use The Registry All At Once | 8 | 2 | traffic |
        """
        users = scene.scene().users
        further = [scene.another_session(user, f"{part} {n}") for n in range(1, sessions) for user in users]
        scene.connect(further)
        groups = tuple((user.name, *(one.name for one in further if one.user_id == user.user_id)) for user in users)
        plan = TrafficPlan(groups, operations, _TYPES, _BUSY, seed=len(users))
        found: list[RequestRecord] = runs.current().engine.call("registry_traffic", plan, timeout=120)
        scene.keep(found, part)

    @keyword
    def one_order_should_explain_everything(self, promise: str, part: str) -> None:
        """For every user there should be one order of all its requests in which each answer is right.

        Args:
            promise: Id of the promise.
            part: What was asked, by its name.

        Example:
        | One Order Should Explain Everything | AR-8 | traffic |
        """
        COLLECTOR.decide(judge_linearisable(promise, history(scene.scene().parts[part]), ABSENT))

    @keyword
    def concurrent_first_requests_should_make_one_agent(self, promise: str, at_once: int) -> None:
        """When a user asks for work in a new thread many times at once, exactly one agent should be made for it.

        Args:
            promise: Id of the promise.
            at_once: Requests of each user at the same time.

        Example:
        | Concurrent First Requests Should Make One Agent | AR-8 | 8 |
        """
        users = scene.scene().users
        requests = [Request(user.name, "execute", {"work": "noop", "thread": "crowded"}) for user in users] * at_once
        asked = scene.ask(requests, "first requests")
        workers: dict[str, set[str]] = defaultdict(set)
        for one in asked:
            workers[one.operation.tenant].add(one.operation.agent)
        facts = [Fact(user.name, "the number of agents that worked", 1, len(workers[user.name])) for user in users]
        facts += [Fact(one.operation.tenant, "the answer", Outcome.ANSWERED, one.operation.outcome) for one in asked]
        COLLECTOR.decide(judge_facts(promise, "users with more than one agent for one thread", facts))


def _retrievals(user: TenantAgent, other_user: TenantAgent, agent: str, thread: str, other: str) -> list[Attempt]:
    named: dict[str, object] = {"agent": agent, "thread": thread}
    astray: dict[str, object] = {"agent": agent, "thread": other}
    unknown: dict[str, object] = {"agent": unknown_like(agent), "thread": thread}
    return [
        allowed(user, "agent_get", **named),
        allowed(user, "execute", **named, work="noop"),
        Attempt(user, user, "agent_get", astray, Expected.DENY),
        Attempt(user, user, "execute", {**astray, "work": "noop"}, Expected.DENY),
        Attempt(other_user, user, "agent_get", named),
        Attempt(other_user, user, "execute", {**named, "work": "noop"}),
        Attempt(user, user, "agent_get", unknown, unknown=True),
        Attempt(user, user, "execute", {**unknown, "work": "noop"}, unknown=True),
    ]


def _part(shown: object, expected: dict[str, object]) -> dict[str, object] | None:
    """The fields of a shown agent that are compared."""
    return {name: shown.get(name) for name in expected} if isinstance(shown, dict) else None
