"""Work that others tried to cancel: what its end says of them."""

from __future__ import annotations

from isolation.record import Outcome
from isolation.scenarios.registry.acts.boundaries import went_on


def test_an_error_of_the_work_itself_is_no_effect_of_a_foreign_cancellation() -> None:
    assert went_on(Outcome.ANSWERED) is True
    assert went_on(Outcome.CANCELLED) is False
    assert went_on(Outcome.LOST) is False
    assert went_on(Outcome.REFUSED) is None
