"""How judges turn a number and a limit into a measurement, so that all of them decide and speak alike.

Principle: a value that was measured is held against its limit and nothing else; a value that could not be measured is
never zero. Three outcomes therefore have three functions: `judged` (there is a value), `silent` (there was nothing to
measure: FAIL) and `undecided` (there is something, but it does not decide: INCONCLUSIVE). The sentence is always
"claim and measured value; limit. Where to look."
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from isolation.judge.rules.limit_units import bytes_as
from isolation.record import Comparison, Limit, Measurement, Verdict
from isolation.record.numbers import with_unit

Details = Mapping[str, float | int | str | None]
"""Further numbers of a measurement, by a name that carries the unit."""

_LIMIT_WORDS = {
    Comparison.BELOW: "the limit is",
    Comparison.AT_MOST: "the limit is",
    Comparison.ABOVE: "the limit is more than",
    Comparison.AT_LEAST: "the limit is at least",
    Comparison.EXACTLY: "the limit is exactly",
}


def amount(value: float, unit: str = "") -> str:
    """A number with its unit as a reader likes it: ``2.31 s``, ``0``, ``1,024 MB`` (for 1073741824 bytes)."""
    if unit == "bytes" or unit.startswith("bytes/"):
        value, unit = bytes_as(value, "MB"), unit.replace("bytes", "MB", 1)
    return with_unit(value, unit)


def plural(number: int, noun: str) -> str:
    """``1 answer``, ``412 answers``, ``2 processes``."""
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"


def names(items: Iterable[str], most: int = 5) -> str:
    """The first few of several names in quotes, and how many more there are."""
    listed = list(items)
    quoted = [f"'{item}'" for item in listed[:most]]
    if len(listed) > most:
        quoted.append(f"{len(listed) - most} more")
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1] if quoted else "nobody"


def zero(source: str) -> Limit:
    """The limit of everything that must not occur at all."""
    return Limit(value=0.0, unit="", comparison=Comparison.EXACTLY, source=source)


def some(source: str) -> Limit:
    """The limit of everything that must be seen at least once."""
    return Limit(value=0.0, unit="", comparison=Comparison.ABOVE, source=source)


def judged(
    promise: str,
    metric: str,
    value: float,
    limit: Limit,
    samples: int,
    claim: str,
    *,
    tenants: Iterable[str] = (),
    control: bool = False,
    details: Details | None = None,
) -> Measurement:
    """Hold a measured value against its limit.

    Args:
        metric: Name of the number, in words.
        value: The measured value, in the unit of the limit.
        limit: What decides.
        samples: How many observations stand behind the value; with none the verdict is FAIL.
        claim: What was measured, of whom and where, without a full stop.
        tenants: The tenants concerned, worst first.
        control: Whether this is a control of the method itself.
        details: Further numbers.

    Returns:
        PASS or FAIL.
    """
    passed = samples > 0 and limit.comparison.holds(value, limit.value)
    return Measurement(
        promise=promise,
        metric=metric,
        value=value,
        unit=limit.unit,
        samples=samples,
        limit=limit,
        verdict=Verdict.PASS if passed else Verdict.FAIL,
        reason=_sentence(promise, claim, limit, passed),
        tenants=tuple(tenants),
        control=control,
        details=dict(details or {}),
    )


def no_evidence(
    promise: str, metric: str, limit: Limit, claim: str, *, samples: int = 0, tenants: Iterable[str] = ()
) -> Measurement:
    """A FAIL for something that had to happen and was never seen, or for evidence that is not there at all."""
    return Measurement(
        promise=promise,
        metric=metric,
        unit=limit.unit,
        samples=samples,
        limit=limit,
        verdict=Verdict.FAIL,
        reason=_sentence(promise, claim, limit, passed=False),
        tenants=tuple(tenants),
    )


def inconclusive(
    promise: str,
    metric: str,
    limit: Limit,
    claim: str,
    *,
    value: float | None = None,
    samples: int = 0,
    tenants: Iterable[str] = (),
    control: bool = False,
    details: Details | None = None,
) -> Measurement:
    """An INCONCLUSIVE with the reason why the evidence does not decide."""
    return Measurement(
        promise=promise,
        metric=metric,
        value=value,
        unit=limit.unit,
        samples=samples,
        limit=limit,
        verdict=Verdict.INCONCLUSIVE,
        reason=_sentence(promise, claim, limit, passed=False),
        tenants=tuple(tenants),
        control=control,
        details=dict(details or {}),
    )


def not_applicable(promise: str, metric: str, lacks: str) -> Measurement:
    """A NOT APPLICABLE: what the target lacks, in words that begin a sentence or not."""
    reason = f"{lacks[0].upper()}{lacks[1:].rstrip('.')}."
    return Measurement(promise=promise, metric=metric, samples=0, verdict=Verdict.NOT_APPLICABLE, reason=reason)


def limit_in_words(limit: Limit) -> str:
    """Such as ``the limit is 2 s`` or ``the limit is at least 95 %``."""
    return f"{_LIMIT_WORDS[limit.comparison]} {amount(limit.value, limit.unit)}"


def _sentence(promise: str, claim: str, limit: Limit, passed: bool) -> str:
    where = "" if passed else f" See evidence {promise}."
    return f"{claim}; {limit_in_words(limit)}.{where}"
