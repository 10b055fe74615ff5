"""From requests and events to the history of the registry."""

from __future__ import annotations

from isolation.record import Operation, Outcome
from isolation.record.registry.actions import Action
from isolation.record.traffic.asked import RequestRecord
from isolation.record.traffic.received_events import ReceivedEvent
from isolation.scenarios.registry.acts.states import Fingerprints
from isolation.scenarios.registry.staging.attempts import unknown_like
from isolation.scenarios.registry.staging.facts import fact, facts_of
from isolation.scenarios.registry.staging.histories import actions_of, sights_of
from isolation.target.agent_terms import OF, AgentTerms
from isolation.target.words import Code, Kept, RequestKind

TERMS = AgentTerms(
    types=("data", "report"),
    workflow={"first": frozenset(), "left": frozenset({"first"}), "right": frozenset({"first"})},
    topics={"agent": "agent:"},
    fields={"agent_id": "agent"},
)


def asked(kind: RequestKind, kept: dict[str, object] | None = None, **arguments: object) -> RequestRecord:
    operation = Operation(
        tenant="ann",
        user="u1",
        session="ann-2",
        correlation_id="1",
        kind=kind,
        intended_at=1.0,
        completed_at=2.0,
        outcome=Outcome.ANSWERED if kept is not None else Outcome.REFUSED,
        code="" if kept is not None else "nope",
        refusal="" if kept is not None else Code.ABSENT,
        kept=kept or {},
        agent=str((kept or {}).get("agent", "")),
    )
    return RequestRecord(dict(arguments), operation)


def event(user: str, agent: str, at: float) -> ReceivedEvent:
    return ReceivedEvent(f"s-{user}", user, user, "1", 1, "agent_started", at, agent)


def test_a_creation_names_the_agent_of_its_answer() -> None:
    (action,) = actions_of(asked(RequestKind.AGENT_CREATE, {Kept.AGENT: "a1"}), TERMS)
    assert (action.action, action.agent, action.user, action.ended_at) == (Action.CREATE, "a1", "u1", 2.0)


def test_an_empty_answer_to_a_creation_names_nobody() -> None:
    assert actions_of(asked(RequestKind.AGENT_CREATE, {}), TERMS)[0].agent == ""


def test_a_list_is_read_by_the_fields_of_the_target_file() -> None:
    (action,) = actions_of(
        asked(RequestKind.AGENT_LIST, {Kept.AGENTS: [{"agent_id": "a1"}, {"agent_id": "a2"}]}), TERMS
    )
    assert (action.action, action.listed, action.thread) == (Action.LIST, ("a1", "a2"), "")


def test_a_list_of_one_thread_is_no_whole_list() -> None:
    (action,) = actions_of(asked(RequestKind.AGENT_LIST, {Kept.AGENTS: []}, thread="main"), TERMS)
    assert action.thread == "main"


def test_a_look_at_another_users_registry_says_nothing_about_the_own_one() -> None:
    assert actions_of(asked(RequestKind.AGENT_LIST, {Kept.AGENTS: []}, **{OF: "u2"}), TERMS) == []


def test_a_refusal_says_by_the_suites_word_that_an_agent_is_absent() -> None:
    (action,) = actions_of(asked(RequestKind.AGENT_GET, agent="a1"), TERMS)
    assert (action.action, action.outcome, action.door) == (Action.USE, Outcome.REFUSED, "agent_get:absent")


def test_a_workflow_shows_its_leader_and_the_agents_of_its_steps() -> None:
    said: dict[str, object] = {Kept.AGENT: "lead", Kept.STEPS: [{"agent_id": "a1"}, {"agent_id": "a2"}]}
    found = actions_of(asked(RequestKind.ORCHESTRATE, said), TERMS)
    assert [action.agent for action in found] == ["lead", "a1", "a2"]


def test_every_user_sees_an_agent_in_events_once_and_first() -> None:
    found = sights_of([event("u1", "a1", 3.0), event("u1", "a1", 4.0), event("u2", "a1", 5.0)], {"u1": "ann"})
    assert [(one.tenant, one.user, one.began_at) for one in found] == [("ann", "u1", 3.0), ("u2", "u2", 5.0)]


def test_facts_hold_plain_values_so_that_a_saved_record_says_the_same() -> None:
    found = fact("ann", "it", Code.STOPPED, {"a": {1, 2}, "b": (1,)})
    assert (type(found.expected), found.shown) == (str, {"a": [1, 2], "b": [1]})


def test_every_field_is_a_fact_of_its_own() -> None:
    found = facts_of("ann", "the agent", {"user": "u1", "thread": "main"}, {"user": "u2"})
    assert [(one.subject, one.shown) for one in found] == [
        ("the user of the agent", "u2"),
        ("the thread of the agent", None),
    ]


def test_unknown_ids_look_like_known_ones() -> None:
    assert unknown_like("agt_0123456789") == "agt_0129876543"


def test_steps_that_need_the_same_ones_are_parallel() -> None:
    assert TERMS.parallel == frozenset({"left", "right"})


def test_fingerprints_tell_equal_values_from_others_and_nothing_else() -> None:
    prints = Fingerprints()
    assert prints.of({"a": 1, "b": 2}) == prints.of({"b": 2, "a": 1}) != prints.of("secret")
    assert prints.of(None) is None
    assert "secret" not in str(prints.of("secret"))
    assert prints.of("secret") != Fingerprints().of("secret")
