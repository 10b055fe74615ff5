"""Whether memory leaks, whether leaks are named and cleaned up in time, and whether the healthy are left alone (RI-3).

Memory: a tenant leaks when a Mann-Kendall test finds an upward trend *and* the Theil-Sen slope is above the limit
(half of the promised rate) over the whole record *and* over each half of it. The first two alone flag a warm-up that
ends inside the record in up to 61 % of simulated series, and a series that steps once in 28 %; a leak goes on, so the
halves tell them apart. Simulated (1 s sampling, 600 series each): a leak of 50 MB/min is found in at least 97 % of 30
s records and in all 60 s records; noise (white or autocorrelated, up to 5 MB), warm-up, bounded cache and saw-tooth
are flagged in at most 1 % of the 30 s records and none of the 60 s records.

Assumptions: the record is much longer than a period of garbage collection and than a warm-up. A warm-up that fills the
whole record cannot be told from a leak by anybody; a leak of less than the limit is not found. Records shorter than
`minimum_seconds` do not decide.

Handles and connections are counted, open/close cycle by cycle: no statistics, any growth is a leak.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from isolation.judge.rules.limit_units import bytes_as
from isolation.judge.rules.series import Reading, memory_kind, memory_readings
from isolation.judge.rules.statistics import mann_kendall, theil_sen
from isolation.judge.rules.verdicts import amount, inconclusive, judged, no_evidence, plural, zero
from isolation.record import Comparison, Limit, Measurement, Sample


@dataclass(frozen=True, slots=True)
class MemoryTrend:
    """How one tenant's memory developed.

    Attributes:
        bytes_per_minute: Theil-Sen slope over the whole record.
        halves: The slopes of the first and the second half.
        p_value: Mann-Kendall's one-sided p; small means rising.
        seconds: Length of the record.
        samples: Sweeps in the record.
    """

    bytes_per_minute: float
    halves: tuple[float, float]
    p_value: float
    seconds: float
    samples: int


@dataclass(frozen=True, slots=True)
class ResourceLeakDetector:
    """The suite's own detector of memory leaks, independent of the target's.

    Attributes:
        slope: Above which slope memory leaks, such as 25 MB/min; its comparison does not matter.
        minimum_seconds: Shorter records do not decide.
        minimum_samples: Records of fewer sweeps do not decide.
        level: Largest p of the Mann-Kendall test that counts as rising.
    """

    slope: Limit
    minimum_seconds: float = 30.0
    minimum_samples: int = 15
    level: float = 0.01

    def trend(self, samples: Sequence[Sample], tenant: str) -> MemoryTrend | None:
        """The trend of one tenant's memory, or None when the record is too short to decide."""
        readings = memory_readings(samples, tenant)
        seconds = readings[-1].at - readings[0].at if readings else 0.0
        if len(readings) < self.minimum_samples or seconds < self.minimum_seconds:
            return None
        half = len(readings) // 2
        return MemoryTrend(
            bytes_per_minute=_slope(readings),
            halves=(_slope(readings[:half]), _slope(readings[half:])),
            p_value=mann_kendall([reading.value for reading in readings]),
            seconds=seconds,
            samples=len(readings),
        )

    def leaks(self, trend: MemoryTrend) -> bool:
        """Whether a trend is a leak: rising, steep enough, and in both halves."""
        steep = all(self._in_unit(slope) > self.slope.value for slope in (trend.bytes_per_minute, *trend.halves))
        return steep and trend.p_value < self.level

    def leaking(self, samples: Sequence[Sample]) -> dict[str, MemoryTrend]:
        """All tenants that leak memory, with their trends."""
        trends = {tenant: self.trend(samples, tenant) for tenant in sorted({s.tenant for s in samples})}
        return {tenant: trend for tenant, trend in trends.items() if trend is not None and self.leaks(trend)}

    def judge(self, promise: str, samples: Sequence[Sample], tenant: str) -> Measurement:
        """A tenant's memory must not leak.

        Args:
            promise: Id of the promise.
            samples: Samples of any tenants.
            tenant: Whose memory.

        Returns:
            The lasting slope: the least of the whole record's and its halves'. FAIL when it is a leak; INCONCLUSIVE
            when the record is too short, or the slope steep and not certain.
        """
        metric = f"growth of memory of '{tenant}'"
        limit = self.slope.model_copy(update={"comparison": Comparison.AT_MOST})
        trend = self.trend(samples, tenant)
        if trend is None:
            count = sum(s.tenant == tenant for s in samples)
            claim = (
                f"Tenant '{tenant}' has {plural(count, 'sample')}; {self.minimum_samples} sweeps over "
                f"{amount(self.minimum_seconds, 's')} are needed"
            )
            if count == 0:
                return no_evidence(promise, metric, limit, claim, tenants=(tenant,))
            return inconclusive(promise, metric, limit, claim, samples=count, tenants=(tenant,))
        whole, first, second = (self._in_unit(v) for v in (trend.bytes_per_minute, *trend.halves))
        lasting = min(whole, first, second)
        leaks = self.leaks(trend)
        claim = (
            f"Memory ({memory_kind(samples, tenant)}) of tenant '{tenant}' "
            f"{'grew without end' if leaks else 'did not grow without end'}: {amount(whole, limit.unit)} over "
            f"{amount(trend.seconds, 's')}, {amount(first, limit.unit)} and {amount(second, limit.unit)} in its halves "
            f"(Mann-Kendall p {trend.p_value:.2g})"
        )
        details = {
            f"slope {limit.unit}": whole,
            f"slope of first half {limit.unit}": first,
            f"slope of second half {limit.unit}": second,
            "Mann-Kendall p": trend.p_value,
        }
        if lasting > limit.value and not leaks:
            claim += f", not certain at {self.level:g}"
            return inconclusive(promise, metric, limit, claim, value=lasting, samples=trend.samples, details=details)
        concerned = (tenant,) if leaks else ()
        return judged(promise, metric, lasting, limit, trend.samples, claim, tenants=concerned, details=details)

    def _in_unit(self, bytes_per_minute: float) -> float:
        return bytes_as(bytes_per_minute, self.slope.unit.removesuffix("/min"))


@dataclass(frozen=True, slots=True)
class CycleCount:
    """One cycle of opening and closing, counted after everything had settled.

    Attributes:
        cycle: Number of the cycle.
        opened: How many things were opened in it.
        closed: How many of them were closed again.
        left: How many are open after it, all in all.
    """

    cycle: int
    opened: int
    closed: int
    left: int


def judge_cycles(promise: str, things: str, tenant: str, counts: Sequence[CycleCount]) -> Measurement:
    """Nothing may stay open from one cycle to the next.

    Args:
        promise: Id of the promise.
        things: What is counted, such as ``file handles``.
        tenant: Whose they are, or empty for the platform's.
        counts: The cycles, in order. The first one sets the base line, so what is made once and kept is no leak.

    Returns:
        The largest growth over the first cycle, or the largest number opened and not closed, whichever is more; it must
        be zero. FAIL when nothing was opened, INCONCLUSIVE with fewer than two cycles.
    """
    metric = f"{things} left open"
    limit = zero(f"promise {promise}: what is opened is closed")
    owner = f"tenant '{tenant}'" if tenant else "the target"
    who = (tenant,) if tenant else ()
    opened = sum(count.opened for count in counts)
    if opened == 0:
        return no_evidence(promise, metric, limit, f"No {things} of {owner} were opened", tenants=who)
    if len(counts) < 2:
        claim = f"{plural(len(counts), 'cycle')} of {things} of {owner} was counted, at least 2 are needed"
        return inconclusive(promise, metric, limit, claim, samples=len(counts), tenants=who)
    worst = max(counts, key=lambda count: (_left_over(count, counts[0]), -count.cycle))
    growth = _left_over(worst, counts[0])
    claim = f"{opened:,} {things} of {owner} were opened and closed in {plural(len(counts), 'cycle')} without a rest"
    if growth:
        lefts = ", ".join(str(count.left) for count in counts[:8])
        claim = (
            f"{growth:,} {things} of {owner} were left after cycle {worst.cycle} "
            f"(opened {worst.opened}, closed {worst.closed}; open after each cycle: {lefts})"
        )
    return judged(
        promise, metric, float(growth), limit, len(counts), claim, tenants=who if growth else (),
        details={"opened": opened, "open after the last cycle": counts[-1].left},
    )  # fmt: skip


def judge_healthy_left_alone(
    promise: str, detector: ResourceLeakDetector, samples: Sequence[Sample], healthy: Collection[str]
) -> Measurement:
    """The suite's own detector must not flag tenants that warm up, cache or collect garbage.

    Args:
        promise: Id of the promise.
        detector: The detector.
        samples: Samples of the case.
        healthy: The tenants that are known to be healthy.

    Returns:
        A control of the method: how many of them were flagged, which must be zero.
    """
    metric = "healthy tenants flagged by the suite's own detector"
    limit = zero("control of the method")
    trends = {tenant: trend for tenant in healthy if (trend := detector.trend(samples, tenant)) is not None}
    if len(trends) < len(healthy) or not healthy:
        claim = f"{len(trends)} of {plural(len(healthy), 'healthy tenant')} were sampled long enough"
        return inconclusive(promise, metric, limit, claim, samples=len(trends), control=True)
    flagged = [tenant for tenant, trend in trends.items() if detector.leaks(trend)]
    claim = f"{len(flagged)} of {plural(len(trends), 'healthy tenant')} were flagged as leaking"
    return judged(promise, metric, float(len(flagged)), limit, len(trends), claim, tenants=flagged, control=True)


def _left_over(count: CycleCount, first: CycleCount) -> int:
    return max(count.left - first.left, count.opened - count.closed, 0)


def _slope(readings: Sequence[Reading]) -> float:
    """Theil-Sen slope in bytes per minute."""
    return 60.0 * theil_sen([reading.at for reading in readings], [reading.value for reading in readings])
