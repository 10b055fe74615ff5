"""One order has to explain everything that a registry answered."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest

from isolation.judge.registry.linearity import judge_linearisable, longest_order
from isolation.record import Outcome, Verdict
from isolation.record.registry.actions import Action, RegistryAction

ABSENT = ("not_found",)


def act(action: Action, agent: str, began: float, ended: float, *listed: str, user: str = "ann") -> RegistryAction:
    return RegistryAction(
        f"acme-{user}", user, action, agent, began, ended, Outcome.ANSWERED, listed, f"agent_{action}"
    )


def refused(agent: str, began: float, ended: float, code: str = "not_found") -> RegistryAction:
    door = f"agent_get:{code}"
    return RegistryAction("acme-ann", "ann", Action.USE, agent, began, ended, Outcome.REFUSED, (), door)


def shown(began: float, ended: float, *agents: str) -> RegistryAction:
    return act(Action.LIST, "", began, ended, *agents)


MADE = act(Action.CREATE, "x", 0, 2)
REMOVED = act(Action.REMOVE, "x", 6, 8)


@pytest.mark.parametrize(
    "history",
    [
        [MADE, shown(3, 4, "x"), REMOVED, shown(9, 10), refused("x", 9, 10)],
        [MADE, shown(1, 1.5), shown(1.6, 4, "x")],
        [MADE, refused("x", 0.5, 1), act(Action.USE, "x", 1, 1.9)],
        [MADE, REMOVED, shown(5, 9, "x"), shown(5, 9)],
        [MADE, refused("x", 3, 4, "agent_stopped")],
    ],
)
def test_what_one_order_explains_passes(history: list[RegistryAction]) -> None:
    found = judge_linearisable("AR-8", history, ABSENT)
    assert (found.verdict, found.value) == (Verdict.PASS, 0)


@pytest.mark.parametrize(
    "bad",
    [
        refused("x", 3, 4),
        shown(3, 4),
        shown(9, 10, "x"),
        act(Action.USE, "x", 9, 10),
        act(Action.CREATE, "x", 3, 4),
        act(Action.REMOVE, "x", 9, 10),
        shown(3, 4, "x", "y"),
    ],
)
def test_what_no_order_explains_fails(bad: RegistryAction) -> None:
    found = judge_linearisable("AR-8", [MADE, REMOVED, bad], ABSENT)
    assert (found.verdict, found.value, found.tenants) == (Verdict.FAIL, 1, ("acme-ann",))
    assert "fit into no order" in found.reason


def test_two_lists_that_contradict_each_other_only_together_fail() -> None:
    """Each list alone is possible; together they say that x came before y and y before x."""
    both = [act(Action.CREATE, "x", 0, 9), act(Action.CREATE, "y", 0, 9)]
    assert judge_linearisable("AR-8", [*both, shown(1, 8, "x")], ABSENT).verdict is Verdict.PASS
    assert judge_linearisable("AR-8", [*both, shown(1, 8, "x"), shown(1, 8, "y")], ABSENT).verdict is Verdict.FAIL


def test_each_user_has_a_registry_of_its_own() -> None:
    bobs = act(Action.CREATE, "b", 0, 1, user="bob")
    assert judge_linearisable("AR-8", [MADE, bobs, shown(3, 4, "x")], ABSENT).verdict is Verdict.PASS
    assert judge_linearisable("AR-8", [MADE, bobs, shown(3, 4, "x", "b")], ABSENT).verdict is Verdict.FAIL


def test_an_action_without_a_reply_leaves_it_open() -> None:
    lost = RegistryAction("acme-ann", "ann", Action.CREATE, "", 0, None, Outcome.TIMED_OUT, (), "agent_create")
    assert judge_linearisable("AR-8", [MADE, lost], ABSENT).verdict is Verdict.INCONCLUSIVE


def test_nothing_answered_fails() -> None:
    assert judge_linearisable("AR-8", [], ABSENT).verdict is Verdict.FAIL


@pytest.mark.parametrize("seed", range(60))
def test_the_search_agrees_with_trying_every_order(seed: int) -> None:
    rng = random.Random(seed)
    history = [_any_action(rng) for _ in range(6)]
    assert (longest_order(history).placed == len(history)) is _some_order_fits(history)


def test_a_long_crowded_history_is_decided_quickly() -> None:
    history: list[RegistryAction] = []
    for number in range(60):
        at = number / 2
        history += [act(Action.CREATE, f"a{number}", at, at + 1.4), act(Action.REMOVE, f"a{number}", at + 1, at + 3)]
    assert longest_order(history).placed == len(history)


def _any_action(rng: random.Random) -> RegistryAction:
    began = rng.randrange(6)
    ended = began + rng.randrange(1, 5)
    agent = rng.choice("xy")
    match rng.randrange(5):
        case 0:
            return shown(began, ended, *rng.choice([(), ("x",), ("y",), ("x", "y")]))
        case 1:
            return refused(agent, began, ended)
        case number:
            return act((Action.CREATE, Action.REMOVE, Action.USE)[number - 2], agent, began, ended)


def _some_order_fits(history: Sequence[RegistryAction]) -> bool:
    return any(_fits(order) for order in itertools.permutations(history))


def _fits(order: Sequence[RegistryAction]) -> bool:
    there: set[str] = set()
    for place, action in enumerate(order):
        if any((later.ended_at or 0) < action.began_at for later in order[place + 1 :]):
            return False
        present = action.agent in there
        if action.action is Action.LIST and there != set(action.listed):
            return False
        if action.outcome is Outcome.REFUSED and present:
            return False
        if action.outcome is Outcome.ANSWERED and action.action in (Action.USE, Action.REMOVE) and not present:
            return False
        if action.outcome is Outcome.ANSWERED and action.action is Action.CREATE:
            if present:
                return False
            there.add(action.agent)
        if action.outcome is Outcome.ANSWERED and action.action is Action.REMOVE:
            there.discard(action.agent)
    return True
