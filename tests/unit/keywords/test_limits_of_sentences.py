"""A limit of a sentence remembers the contract's, so that the page shows both and no weaker one is green."""

from __future__ import annotations

import pytest

from robot_support.failures import CouldNotBeExamined
from robot_support.phrases.stated_limits import TRIAL, contract_limits, stated_limits


def test_a_stricter_limit_of_a_sentence_shows_the_contracts_beside_it() -> None:
    limits, weaker = stated_limits("RI-5", {"identified": 20.0}, ())
    limit = limits.by_name["identified"]
    assert (limit.value, limit.contract, limit.weaker, weaker) == (20.0, 30.0, False, ())


def test_a_weaker_limit_is_a_trial_or_nothing_and_says_the_contracts() -> None:
    with pytest.raises(CouldNotBeExamined, match="weaker than the contract's 30 s"):
        stated_limits("RI-5", {"identified": 36_000.0}, ())
    limits, weaker = stated_limits("RI-5", {"identified": 36_000.0}, (TRIAL,))
    limit = limits.by_name["identified"]
    assert (limit.contract, limit.weaker, weaker) == (30.0, True, ("identified",))


def test_the_contracts_own_limit_has_nothing_beside_it() -> None:
    limits, _ = stated_limits("RI-5", {"identified": 30.0}, ())
    assert limits.by_name["identified"] == contract_limits("RI-5").by_name["identified"]
    assert limits.by_name["identified"].contract is None
