"""The numbers that stand beside the degradation rule; none of them decides.

- Latencies (P50, P95, P99, maximum) of the victims' answers, quiet and noisy, with their counts.
- Slowdown of the medians: geometric mean over pairs.
- SLO-violation ratio: the share of requests that were answered later than promised, or not at all.
- I_QoS, "by how much does the victims' answer time grow, relative to the growth of everybody's load":
  ``(sum z_noisy / sum z_quiet - 1) / (sum w_noisy / sum w_quiet - 1)``, z the mean answer time of each victim, w the
  requests per second of all tenants. 0 is perfect isolation. Source: R. Krebs, C. Momm, S. Kounev, Metrics and
  techniques for quantifying performance isolation in cloud environments, Science of Computer Programming 90 B, 2014,
  doi:10.1016/j.scico.2013.08.003. Where noise is not made of requests (an endless loop), the load does not grow in
  requests; the numerator alone is then given, and the sentence says so.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from isolation.judge.rules.statistics import LatencySummary, summarise
from isolation.judge.rules.verdicts import amount
from isolation.judge.slowdown.block_pairs import BlockLatencies, PairEffect
from isolation.record import Condition, Measurement, Operation, Verdict

SMALLEST_GROWTH = 0.01
"""Relative growth of the load below which the ratio to it means nothing."""


def reported(
    operations: Sequence[Operation],
    promise: str,
    blocks: Sequence[BlockLatencies],
    noisy: Sequence[PairEffect],
    slo_seconds: float,
) -> list[Measurement]:
    """The measurements without a limit.

    Args:
        operations: All operations of the campaign, of all tenants.
        blocks: The victims' latencies by block; unanswered requests stand in them with the caller's patience.
        slo_seconds: The promised answer time.

    Returns:
        Those of the measurements for which there are samples.
    """
    quiet_latencies = _of(blocks, Condition.QUIET)
    noisy_latencies = _of(blocks, Condition.NOISY)
    found = [
        _latencies(promise, "quiet", summarise(quiet_latencies)),
        _latencies(promise, "noisy", summarise(noisy_latencies)),
        _median(promise, noisy),
        _violations(promise, quiet_latencies, noisy_latencies, slo_seconds),
        _i_qos(operations, promise, blocks),
    ]
    return [measurement for measurement in found if measurement is not None]


def _of(blocks: Sequence[BlockLatencies], condition: Condition) -> list[float]:
    return [latency for entry in blocks if entry.block.condition is condition for latency in entry.pooled]


def _latencies(promise: str, condition: str, summary: LatencySummary | None) -> Measurement | None:
    if summary is None:
        return None
    shown = {"P50": summary.p50, "P95": summary.p95, "P99": summary.p99, "maximum": summary.maximum}
    words = ", ".join(f"{name} {_ms(value)}" for name, value in shown.items())
    return Measurement(
        promise=promise,
        metric=f"latency of the victims, {condition}",
        value=summary.p50,
        unit="s",
        samples=summary.count,
        verdict=Verdict.PASS,
        reason=f"The victims' latency in {condition} blocks: {words} of {summary.count:,} requests.",
        details={**{f"{name} s": value for name, value in shown.items()}, "mean s": summary.mean},
    )


def _ms(seconds: float | None) -> str:
    return "(too few samples)" if seconds is None else amount(1000 * seconds, "ms")


def _median(promise: str, noisy: Sequence[PairEffect]) -> Measurement | None:
    if not noisy:
        return None
    ratio = math.exp(float(np.mean([effect.d_median for effect in noisy])))
    return Measurement(
        promise=promise,
        metric="slowdown of the victims (median)",
        value=ratio,
        unit="x quiet median",
        samples=len(noisy),
        verdict=Verdict.PASS,
        reason=f"The victims' median grew by {100 * (ratio - 1):.1f} % in {len(noisy)} pairs; it does not decide.",
    )


def _violations(promise: str, quiet: Sequence[float], noisy: Sequence[float], slo_seconds: float) -> Measurement | None:
    if not quiet or not noisy:
        return None
    before, after = (sum(value > slo_seconds for value in values) / len(values) for values in (quiet, noisy))
    return Measurement(
        promise=promise,
        metric="SLO-violation ratio",
        value=after,
        samples=len(noisy),
        verdict=Verdict.PASS,
        reason=f"{after:.2%} of {len(noisy):,} requests in noisy blocks took longer than {amount(slo_seconds, 's')}"
        f" or had no answer; in quiet blocks {before:.2%} of {len(quiet):,}.",
        details={"quiet ratio": before, "SLO s": slo_seconds},
    )


def _i_qos(operations: Sequence[Operation], promise: str, blocks: Sequence[BlockLatencies]) -> Measurement | None:
    quiet, noisy = (_means(blocks, condition) for condition in (Condition.QUIET, Condition.NOISY))
    shared = sorted(quiet.keys() & noisy.keys())
    if not shared:
        return None
    rise = sum(noisy[tenant] for tenant in shared) / sum(quiet[tenant] for tenant in shared) - 1
    before, after = (_load(operations, blocks, condition) for condition in (Condition.QUIET, Condition.NOISY))
    growth = after / before - 1 if before > 0 else 0.0
    counted = growth > SMALLEST_GROWTH
    basis = (
        f"while all tenants' requests grew by {growth:.1%}"
        if counted
        else "and the noise does not consist of requests, so this rise itself is given"
    )
    return Measurement(
        promise=promise,
        metric="I_QoS",
        value=rise / growth if counted else rise,
        samples=len(shared),
        verdict=Verdict.PASS,
        reason=f"The answer time of {len(shared)} victims rose by {rise:.1%} {basis} (I_QoS, Krebs and others 2014).",
        details={"relative rise of the answer time": rise, "relative growth of the load": growth},
    )


def _means(blocks: Sequence[BlockLatencies], condition: Condition) -> dict[str, float]:
    pooled: dict[str, list[float]] = defaultdict(list)
    for entry in blocks:
        if entry.block.condition is condition:
            for tenant, latencies in entry.by_tenant.items():
                pooled[tenant].extend(latencies)
    return {tenant: float(np.mean(latencies)) for tenant, latencies in pooled.items()}


def _load(operations: Sequence[Operation], blocks: Sequence[BlockLatencies], condition: Condition) -> float:
    """Requests per second of all tenants in the blocks of one condition."""
    chosen = [entry.block for entry in blocks if entry.block.condition is condition]
    labels = {block.label for block in chosen}
    seconds = sum(block.seconds for block in chosen)
    return sum(operation.block in labels for operation in operations) / seconds if seconds > 0 else 0.0
