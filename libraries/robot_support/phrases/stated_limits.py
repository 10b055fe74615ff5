"""The limits in force for one claim: the contract's, an environment variable's, or a stricter one that the sentence states.

A sentence may be stricter than the contract. A weaker limit is refused, unless the test is tagged ``trial``; then it can never be
green as the promise (OP-14).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from isolation.record import Comparison, Limit, Measurement, Verdict
from isolation.record.limits import Limits
from isolation.settings.environment_variables import EnvironmentSettings
from isolation.settings.errors import SettingsError
from robot_support import run as runs
from robot_support.failures import CouldNotBeExamined

TRIAL = "trial"
"""Tag of a test whose sentences may state weaker limits than the contract's."""


def stated_limits(promise: str, stated: Mapping[str, float], tags: Iterable[str]) -> tuple[Limits, tuple[str, ...]]:
    """The limits of a promise, with what the sentence states.

    Args:
        stated: The sentence's own numbers, by name of the limit.
        tags: Tags of the test.

    Returns:
        The limits in force, and the names of those that are weaker than the contract's.

    Raises:
        CouldNotBeExamined: A sentence states a weaker limit and the test is no trial, or names a limit that is not there.
    """
    contract = contract_limits(promise)
    chosen, weaker = dict(contract.by_name), []
    for name, value in stated.items():
        limit = contract.by_name.get(name)
        if limit is None:
            continue  # a limit of another promise of this test
        chosen[name] = limit if value == limit.value else _changed(limit, value, "the scenario")
        if limit.unit == "%" and limit.comparison in (Comparison.AT_LEAST, Comparison.ABOVE) and value > 100:
            raise CouldNotBeExamined(
                f"The sentence asks for '{name}' {value:g} %, and there is no more than 100 %: write {limit.value:g} percent"
                " or more, up to 100."
            )
        if is_weaker(chosen[name], limit):
            weaker.append(name)
            if TRIAL not in set(tags):
                raise CouldNotBeExamined(
                    f"The sentence allows '{name}' {value:g} {limit.unit}, which is weaker than the contract's"
                    f" {limit.value:g} {limit.unit} ({limit.source}). Write at most the contract's limit, or tag the test 'trial'."
                )
    return Limits(chosen, f"promise {promise}"), tuple(weaker)


def contract_limits(promise: str) -> Limits:
    """The limits of the catalogue, or what environment variables put in their place.

    Raises:
        CouldNotBeExamined: There is no such promise.
    """
    try:
        found = runs.catalogue()[promise]
    except SettingsError as error:
        raise CouldNotBeExamined(f"{error}; the test's [Metadata] Promise names it.") from None
    limits = {name: found.limit(name) for name in found.limits}
    if runs.is_open():
        for name, value, variable in _by_variable(runs.current().variables):
            if value is not None and name in limits:
                limits[name] = _changed(limits[name], value, f"environment variable {variable}")
    return Limits(limits, f"promise {promise}")


def limits_of_all(promises: Iterable[str]) -> Limits:
    """The widest limits of several promises, by name: an experiment watches as long as any of them allows."""
    widest: dict[str, Limit] = {}
    for promise in filter(runs.catalogue().__contains__, promises):
        for name, limit in contract_limits(promise).by_name.items():
            if name not in widest or is_weaker(limit, widest[name]):
                widest[name] = limit
    return Limits(widest, "what the file stands for")


def is_weaker(limit: Limit, contract: Limit) -> bool:
    """Whether a limit allows what the contract's does not."""
    if contract.comparison in (Comparison.BELOW, Comparison.AT_MOST):
        return limit.value > contract.value
    if contract.comparison in (Comparison.ABOVE, Comparison.AT_LEAST):
        return limit.value < contract.value
    return limit.value != contract.value


def _changed(limit: Limit, value: float, source: str) -> Limit:
    """Another value for a limit; it remembers the contract's, so that the page can show both."""
    contract = limit.value if limit.contract is None else limit.contract
    changed = {"value": value, "source": source, "contract": None if value == contract else contract}
    return limit.model_copy(update=changed)


def as_trial(measurement: Measurement, weaker: tuple[str, ...]) -> Measurement:
    """A trial by weaker limits is never green as the promise."""
    if not weaker or measurement.verdict is not Verdict.PASS:
        return measurement
    reason = f"{measurement.reason} A trial only: the sentence states a weaker limit than the contract for {', '.join(weaker)}."
    return measurement.model_copy(update={"verdict": Verdict.INCONCLUSIVE, "reason": reason})


def _by_variable(variables: EnvironmentSettings) -> list[tuple[str, float | None, str]]:
    startup, total = variables.max_startup_milliseconds, variables.max_total_milliseconds
    return [
        ("start", startup / 1000 if startup is not None else None, "MAX_AGENT_STARTUP_TIME"),
        ("total", total / 1000 if total is not None else None, "MAX_TOTAL_TEST_TIME"),
        ("success", variables.min_success_percent, "MIN_SUCCESS_RATE"),
    ]
