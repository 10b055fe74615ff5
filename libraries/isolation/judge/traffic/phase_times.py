"""The phases of many starts as mergeable histograms.

Principle: a percentile of percentiles is no percentile; histograms can be added. Each phase is counted in a
high-dynamic-range histogram (hdrhistogram.org) of microseconds with 3 significant digits, 1 microsecond to 1 hour, so
a value read from it is at most 0.1 % off. Its encoded form stands in the evidence: those of several runs or load
engines are merged by adding their counts.

A percentile needs ``10/(1-q)`` starts (P95 200, P99 1,000); with fewer it is still told, and the sentence says that
the maximum decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hdrh.histogram import HdrHistogram

from isolation.judge.rules.statistics import samples_needed
from isolation.judge.rules.verdicts import amount
from isolation.record import Measurement, Verdict

_LONGEST = 3_600_000_000
_DIGITS = 3
_TOLD = (50.0, 95.0, 99.0)


class PhaseTimes:
    """Durations of one phase.

    Args:
        seconds: The durations.
    """

    def __init__(self, seconds: Iterable[float] = ()) -> None:
        self._histogram = HdrHistogram(1, _LONGEST, _DIGITS)
        for value in seconds:
            self._histogram.record_value(min(max(1, round(value * 1_000_000)), _LONGEST))

    @classmethod
    def decode(cls, text: str) -> PhaseTimes:
        """The durations that ``encoded`` describes."""
        found = cls()
        found._histogram = HdrHistogram.decode(text.encode("ascii"))
        return found

    def add(self, other: PhaseTimes) -> None:
        """Take over the durations of another one."""
        self._histogram.add(other._histogram)

    @property
    def count(self) -> int:
        """How many durations."""
        return int(self._histogram.get_total_count())

    @property
    def encoded(self) -> str:
        """All of it as text (base64), to be merged elsewhere."""
        return str(self._histogram.encode().decode("ascii"))

    def percentile(self, percent: float) -> float:
        """Seconds that this share of the durations does not exceed.

        Args:
            percent: 0 to 100.
        """
        return float(self._histogram.get_value_at_percentile(percent)) / 1_000_000


def judge_phase(promise: str, name: str, seconds: Sequence[float]) -> Measurement | None:
    """Report one phase: its median as the value, and its percentiles, count and histogram beside it.

    Args:
        name: Name of the phase in words.
        seconds: The durations of those starts that ended this phase.

    Returns:
        A number that is only reported, or None without any duration.
    """
    if not seconds:
        return None
    times = PhaseTimes(seconds)
    values = {percent: times.percentile(percent) for percent in _TOLD}
    told = ", ".join(f"P{percent:g} {amount(value, 's')}" for percent, value in values.items())
    few = [f"P{percent:g} needs {samples_needed(percent / 100):,}" for percent in _TOLD[1:] if _too_few(times, percent)]
    why = f" ({' and '.join(few)} starts, so the maximum decides)" if few else ""
    return Measurement(
        promise=promise,
        metric=f"{name} time (median)",
        value=values[50.0],
        unit="s",
        samples=times.count,
        verdict=Verdict.PASS,
        reason=f"{name.capitalize()} took {told}, at most {amount(max(seconds), 's')}, of {times.count:,} starts{why}; "
        "it has no limit of its own.",
        details={
            **{f"P{percent:g} s": value for percent, value in values.items()},
            "maximum s": max(seconds),
            "histogram (hdr, microseconds)": times.encoded,
        },
    )


def _too_few(times: PhaseTimes, percent: float) -> bool:
    return times.count < samples_needed(percent / 100)
