"""Cached answers may end by themselves where the target says so; nothing else may take as long."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from isolation.record.usage.holdings import Holdings
from isolation.scenarios.registry.staging.resting import Rests

FIRST = Holdings(0.0, {}, {}, 0, 2, {}, {}, 0, 0)


def counted(answers_kept: float | None, *counts: Holdings) -> tuple[Holdings, list[float]]:
    """What a rest finds, and how long each count waited."""
    waited: list[float] = []
    found = iter((FIRST, *counts))

    def holdings_at_rest(tenants: list[str], at_most: Any, within_s: float) -> Holdings:
        waited.append(within_s)
        return next(found)

    api: Any = SimpleNamespace(
        limits={"gone": SimpleNamespace(value=30.0)},
        users=[],
        monitor=SimpleNamespace(holdings_at_rest=holdings_at_rest),
        target=SimpleNamespace(limits=SimpleNamespace(answers_kept=answers_kept)),
    )
    rests = Rests(SimpleNamespace(api=api))  # type: ignore[arg-type]
    rests.at_rest()
    return rests.at_rest(), waited[1:]


def test_answers_that_the_target_keeps_for_a_minute_are_waited_for() -> None:
    found, waited = counted(60.0, replace(FIRST, keys=5), FIRST)
    assert found.keys == 0
    assert waited == [30.0, pytest.approx(64.0, abs=1)]


def test_without_a_word_of_the_target_they_are_left_over_after_the_promised_time() -> None:
    found, waited = counted(None, replace(FIRST, keys=5), replace(FIRST, keys=5))
    assert found.keys == 5
    assert max(waited) == 30.0


def test_whatever_else_is_left_is_not_waited_for_any_longer() -> None:
    found, waited = counted(60.0, replace(FIRST, keys=5, files=1))
    assert (found.files, waited) == (1, [30.0])
