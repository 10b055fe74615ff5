"""Registries: one owner, nothing after removal, lists that could be true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.registry.lifecycle import (
    Release,
    judge_lists,
    judge_memory_growth,
    judge_nothing_survives,
    judge_ownership,
    judge_released,
)
from isolation.record import Outcome, Verdict
from isolation.record.registry.actions import Action, RegistryAction
from unit.judge.judge_histories import MB, at_least, below


def act(
    action: Action, agent: str, began: float, ended: float | None, user: str = "ann", *listed: str
) -> RegistryAction:
    outcome = Outcome.TIMED_OUT if ended is None else Outcome.ANSWERED
    return RegistryAction("acme-" + user, user, action, agent, began, ended, outcome, listed, f"agent_{action}")


def shown(began: float, ended: float, *agents: str, user: str = "ann") -> RegistryAction:
    return act(Action.LIST, "", began, ended, user, *agents)


CREATED = act(Action.CREATE, "x", 0, 1)
BOBS = act(Action.CREATE, "b", 0, 1, "bob")
REMOVED = act(Action.REMOVE, "x", 10, 11)
REFUSED = replace(act(Action.USE, "x", 12, 13), outcome=Outcome.REFUSED)


def test_agents_with_one_owner_each_pass() -> None:
    found = judge_ownership("AR-1", [CREATED, BOBS, shown(2, 3, "x")])
    assert (found.verdict, found.samples) == (Verdict.PASS, 2)


@pytest.mark.parametrize(
    "bad", [act(Action.CREATE, "x", 50, 51, "bob"), shown(2, 3, "x", user="bob"), act(Action.USE, "x", 2, 3, "bob")]
)
def test_an_agent_with_two_users_fails_and_names_them(bad: RegistryAction) -> None:
    found = judge_ownership("AR-1", [CREATED, bad])
    assert (found.verdict, found.tenants) == (Verdict.FAIL, ("acme-ann", "acme-bob"))
    assert "'ann' and 'bob'" in found.reason


def test_a_refused_attempt_on_another_agent_is_no_ownership() -> None:
    refused = replace(act(Action.USE, "x", 2, 3, "bob"), outcome=Outcome.REFUSED)
    assert judge_ownership("AR-1", [CREATED, refused]).verdict is Verdict.PASS
    assert judge_ownership("AR-1", []).verdict is Verdict.FAIL


def test_a_second_removal_that_is_answered_excuses_nothing() -> None:
    used = act(Action.USE, "x", 12, 13)
    again = act(Action.REMOVE, "x", 12, 14)
    found = judge_nothing_survives("AR-7", [CREATED, REMOVED, used, again])
    assert (found.verdict, found.value) == (Verdict.FAIL, 2)


def test_an_agent_that_is_gone_by_every_door_passes() -> None:
    found = judge_nothing_survives("AR-7", [CREATED, REMOVED, REFUSED, shown(12, 13)])
    assert (found.verdict, found.samples) == (Verdict.PASS, 1)


@pytest.mark.parametrize("bad", [act(Action.USE, "x", 12, 13), shown(12, 13, "x"), act(Action.REMOVE, "x", 12, 13)])
def test_an_answer_for_a_removed_agent_fails_by_its_door(bad: RegistryAction) -> None:
    found = judge_nothing_survives("AR-7", [CREATED, replace(REMOVED), REFUSED, bad, REMOVED])
    assert found.verdict is Verdict.FAIL
    assert bad.door in found.reason and "'x' of 'ann'" in found.reason


def test_an_answer_while_the_removal_was_under_way_is_right() -> None:
    racing = act(Action.USE, "x", 10.5, 12)
    assert judge_nothing_survives("AR-7", [CREATED, REMOVED, racing, REFUSED]).verdict is Verdict.PASS


def test_no_removal_fails_and_a_removal_that_nobody_checked_decides_nothing() -> None:
    assert judge_nothing_survives("AR-7", [CREATED]).verdict is Verdict.FAIL
    assert judge_nothing_survives("AR-7", [CREATED, REMOVED]).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    "good",
    [
        shown(2, 3, "x"),
        shown(0.5, 3, "x"),
        shown(0.5, 3),
        shown(9, 10.5, "x"),
        shown(9, 10.5),
        shown(12, 13),
        shown(2, 3, "b", user="bob"),
    ],
)
def test_lists_that_a_correct_registry_could_show_pass(good: RegistryAction) -> None:
    assert judge_lists("AR-8", [CREATED, BOBS, REMOVED, good]).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (shown(2, 3), "'ann' was not shown its agent 'x'"),
        (shown(2, 3, "x", "b"), "'ann' was shown 'b' of 'bob'"),
        (shown(12, 13, "x"), "after its removal"),
        (shown(-2, -1, "x"), "before its creation"),
        (shown(2, 3, "x", "ghost"), "'ghost', which nobody created"),
        (shown(2, 3, "x", "x"), "an agent twice"),
        (shown(2, 3, user="bob"), "'bob' was not shown its agent 'b'"),
    ],
)
def test_lists_that_no_correct_registry_could_show_fail(bad: RegistryAction, words: str) -> None:
    found = judge_lists("AR-8", [CREATED, BOBS, REMOVED, bad])
    assert found.verdict is Verdict.FAIL
    assert words in found.reason


def test_actions_without_a_reply_excuse_and_never_accuse() -> None:
    maybe_made, maybe_gone = act(Action.CREATE, "y", 4, None), act(Action.REMOVE, "x", 4, None)
    for listed in ((), ("x",), ("y",), ("x", "y")):
        history = [CREATED, maybe_made, maybe_gone, shown(6, 7, *listed)]
        assert judge_lists("AR-8", history).verdict is Verdict.PASS


def test_a_refused_removal_removes_nothing() -> None:
    refused = replace(REMOVED, outcome=Outcome.REFUSED)
    assert judge_lists("AR-8", [CREATED, refused, shown(12, 13)]).verdict is Verdict.FAIL
    assert judge_lists("AR-8", [CREATED]).verdict is Verdict.FAIL


def test_memory_may_grow_a_little_and_no_more() -> None:
    limits = below(50, "MB"), below(1, "MB")
    good = judge_memory_growth("AR-2", 500 * MB, 530 * MB, 120, *limits)
    assert [m.verdict for m in good] == [Verdict.PASS, Verdict.PASS]
    assert good[1].value == 0.25
    bad = judge_memory_growth("AR-2", 500 * MB, 560 * MB, 40, *limits)
    assert [m.verdict for m in bad] == [Verdict.FAIL, Verdict.FAIL]
    unread = judge_memory_growth("AR-2", None, 560 * MB, 40, *limits)
    assert {m.verdict for m in unread} == {Verdict.INCONCLUSIVE}
    assert {m.verdict for m in judge_memory_growth("AR-2", 1, 1, 0, *limits)} == {Verdict.FAIL}


def test_most_of_what_was_taken_must_be_released() -> None:
    limit = at_least(80)
    good, bad, unread, none = judge_released(
        "AR-20",
        [
            Release("processes", 2, 52, 2),
            Release("handles", 10, 110, 40),
            Release("keys", None, 5, 5),
            Release("files", 3, 3, 3),
        ],
        limit,
    )
    assert (good.verdict, good.value) == (Verdict.PASS, 100)
    assert (bad.verdict, bad.value) == (Verdict.FAIL, 70)
    assert (unread.verdict, none.verdict) == (Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE)
    assert judge_released("AR-20", [], limit)[0].verdict is Verdict.FAIL


def test_requests_before_the_removal_do_not_show_that_it_is_gone() -> None:
    before = act(Action.USE, "x", 2, 3)
    assert judge_nothing_survives("AR-7", [CREATED, before, REMOVED]).verdict is Verdict.INCONCLUSIVE
    assert judge_nothing_survives("AR-7", [CREATED, before, REMOVED, REFUSED]).samples == 1
    assert "1 request by 1 door" in judge_nothing_survives("AR-7", [CREATED, before, REMOVED, REFUSED]).reason


def test_a_creation_that_was_answered_without_an_end_accuses_nobody() -> None:
    assert judge_lists("AR-8", [replace(CREATED, ended_at=None), shown(6, 7)]).verdict is Verdict.PASS
    gone = replace(REMOVED, ended_at=None)
    assert judge_lists("AR-8", [CREATED, gone, shown(12, 13, "x")]).verdict is Verdict.PASS


def test_creations_whose_answers_name_no_agent_are_no_evidence_of_one_owner() -> None:
    seen = RegistryAction("ann", "ann", Action.USE, "a1", 5.0, 5.0, Outcome.ANSWERED, door="operator")
    found = judge_ownership("AR-1", [act(Action.CREATE, "", 1, 2), seen])
    assert found.verdict is Verdict.FAIL
    assert "1 of 1 answered creation named no agent" in found.reason


def test_empty_lists_of_nobody_prove_nothing() -> None:
    assert judge_lists("AR-1", [shown(1, 2)]).verdict is Verdict.FAIL
