"""The statistics that several judges share.

Principle: an estimate is shown with its interval or with the number of observations that it would need; formulas come
from numpy and scipy wherever they exist there.

Percentile rule: numpy's ``higher``, so a percentile is always a value that was really observed, and never a flattering
interpolation between two of them.

Assumptions: observations handed to the t interval are independent and roughly normal (logarithms of ratios of block
means are). When they are correlated, the interval is too narrow; that is what the quiet/quiet control is for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from isolation.record import Interval

MOST_PAIRS = 100_000


def t_interval(values: Sequence[float], confidence: float) -> Interval:
    """Student's interval of the mean of independent observations.

    Args:
        values: At least two observations.
        confidence: Two-sided confidence, 0 to 1, such as 0.90.

    Returns:
        The interval, in the unit of the values.

    Raises:
        ValueError: When there are fewer than two observations.
    """
    mean, error = _mean_and_error(values)
    reach = float(stats.t.ppf(0.5 + confidence / 2, len(values) - 1)) * error
    return Interval(low=mean - reach, high=mean + reach, confidence=confidence)


def log_ratio_interval(differences: Sequence[float], confidence: float) -> Interval:
    """Student's interval of a ratio, from one logarithm of the ratio per pair.

    Args:
        differences: ``ln(noisy/quiet)`` of each pair, at least two.
        confidence: Two-sided confidence, 0 to 1.

    Returns:
        The interval of the geometric mean ratio; 1 means no difference.

    Raises:
        ValueError: When there are fewer than two pairs.
    """
    interval = t_interval(differences, confidence)
    return Interval(low=math.exp(interval.low), high=math.exp(interval.high), confidence=confidence)


def p_mean_above(values: Sequence[float], limit: float) -> float:
    """One-sided t test of "the true mean is at most ``limit``".

    Args:
        values: At least two independent observations.
        limit: The mean that the null hypothesis allows, in the unit of the values.

    Returns:
        The p value; small means that the true mean is above the limit.

    Raises:
        ValueError: When there are fewer than two observations.
    """
    mean, error = _mean_and_error(values)
    if error == 0:
        return 0.0 if mean > limit else 1.0
    return float(stats.t.sf((mean - limit) / error, len(values) - 1))


def _mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    if len(values) < 2:
        raise ValueError(f"an interval of a mean needs at least 2 observations, not {len(values)}")
    return float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(len(values))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusts p values of several tests so that any false rejection stays as rare as one test alone would make it.

    Source: S. Holm, A simple sequentially rejective multiple test procedure, 1979.

    Args:
        p_values: One p value per test.

    Returns:
        The adjusted p values in the order given; compare each with the level of the whole family.
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def rule_of_three(n: int, confidence: float = 0.95) -> float:
    """How large the true rate may still be when none of ``n`` independent probes found anything.

    Args:
        n: Number of probes.
        confidence: One-sided confidence, 0 to 1; 0.95 gives the well-known 3/n.

    Returns:
        The exact upper bound, ``1 - (1 - confidence)^(1/n)``; 1 when there was no probe.
    """
    return 1.0 if n < 1 else 1.0 - (1.0 - confidence) ** (1.0 / n)


def jain(shares: Sequence[float]) -> float:
    """Jain's fairness index, ``(sum x)^2 / (n sum x^2)``.

    Source: R. Jain, D. Chiu, W. Hawe, A quantitative measure of fairness and discrimination, 1984.

    Args:
        shares: Obtained over entitled, one number per tenant, none negative.

    Returns:
        1 when all are equal, 1/n when one has everything; 0 when nobody obtained anything.

    Raises:
        ValueError: When there is no share.
    """
    if not shares:
        raise ValueError("fairness needs at least 1 share")
    values = np.asarray(shares, dtype=float)
    squares = float(np.sum(values**2))
    return 0.0 if squares == 0 else float(np.sum(values)) ** 2 / (len(values) * squares)


def percentile(values: Sequence[float], q: float) -> float:
    """The percentile by numpy's rule ``higher``: an observed value.

    Args:
        values: At least one observation.
        q: The quantile, 0 to 1, such as 0.95.

    Returns:
        The percentile in the unit of the values.

    Raises:
        ValueError: When there is no observation.
    """
    if len(values) == 0:
        raise ValueError("a percentile needs at least 1 observation")
    return float(np.quantile(values, q, method="higher"))


def samples_needed(q: float) -> int:
    """How many observations the percentile ``q`` needs, ``10/(1-q)``: P95 200, P99 1,000.

    Args:
        q: The quantile, 0 to 1 (1 excluded).

    Returns:
        The number of observations.
    """
    return math.ceil(round(10 / (1 - q), 6))


def highest_supported(values: Sequence[float]) -> tuple[str, float]:
    """The highest statistic that the number of observations supports: P99, else P95, else the maximum.

    Args:
        values: At least one observation.

    Returns:
        Its name and its value in the unit of the values.

    Raises:
        ValueError: When there is no observation.
    """
    q = next((q for q in (0.99, 0.95) if len(values) >= samples_needed(q)), 1.0)
    return "maximum" if q == 1.0 else f"P{100 * q:g}", percentile(values, q)


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """What many latencies come to, all in seconds; a percentile that has too few samples is None.

    Attributes:
        count: Number of latencies.
        p50: Median.
        p95: 95th percentile, or None under 200 latencies.
        p99: 99th percentile, or None under 1,000 latencies.
        maximum: The longest.
        mean: The arithmetic mean.
    """

    count: int
    p50: float
    p95: float | None
    p99: float | None
    maximum: float
    mean: float


def summarise(latencies: Sequence[float]) -> LatencySummary | None:
    """Sums up latencies (seconds); None when there are none."""
    if len(latencies) == 0:
        return None

    def supported(q: float) -> float | None:
        return percentile(latencies, q) if len(latencies) >= samples_needed(q) else None

    return LatencySummary(
        count=len(latencies),
        p50=percentile(latencies, 0.5),
        p95=supported(0.95),
        p99=supported(0.99),
        maximum=float(max(latencies)),
        mean=float(np.mean(latencies)),
    )


def equivalence_power(pairs: int, s_d: float, ratio_limit: float, confidence: float) -> float:
    """How often a perfect system is accepted: its interval lies inside (1/limit, limit).

    The two one-sided t tests at level (1-confidence)/2, for a true ratio of 1, by scipy's noncentral t distribution:
    ``2 F(-t; n-1, -delta sqrt(n)/s_d) - 1`` with ``delta = ln(limit)``.
    Source: D. Schuirmann, two one-sided tests procedure, 1987.

    Args:
        pairs: Number of pairs, at least 2.
        s_d: Standard deviation of ``ln(noisy/quiet)`` between pairs.
        ratio_limit: Largest ratio that is promised, such as 1.10.
        confidence: Two-sided confidence of the interval, 0 to 1.

    Returns:
        The power, 0 to 1.
    """
    if s_d == 0:
        return 1.0
    edge = math.log(ratio_limit) * math.sqrt(pairs) / s_d
    t = float(stats.t.ppf(0.5 + confidence / 2, pairs - 1))
    return max(0.0, 2 * float(stats.nct.cdf(-t, pairs - 1, -edge)) - 1)


def pairs_needed(s_d: float, ratio_limit: float, confidence: float, power: float) -> int:
    """How many pairs of blocks let a perfect system be accepted with the given power.

    First the normal approximation ``n = ((z[(1+confidence)/2] + z[(1+power)/2]) s_d / ln(limit))^2``, which is
    ``1191 s_d^2`` for a limit of 1.10 with power and confidence 0.90 (both ends of the interval must hold; ``943 s_d^2``
    counts one end only), then upwards until :func:`equivalence_power`, with the t distribution, reaches the power.

    Args:
        s_d: Standard deviation of ``ln(noisy/quiet)`` between pairs.
        ratio_limit: Largest ratio that is promised.
        power: Wanted chance to accept a perfect system, 0 to 1.
        confidence: Two-sided confidence of the interval, 0 to 1.

    Returns:
        The number of pairs, at least 2 and at most ``MOST_PAIRS`` (which reads: hopeless).
    """
    z = float(stats.norm.ppf(0.5 + confidence / 2)) + float(stats.norm.ppf(0.5 + power / 2))
    start = math.ceil((z * s_d / math.log(ratio_limit)) ** 2)
    if start >= MOST_PAIRS:
        return MOST_PAIRS
    pairs = max(2, start)
    while equivalence_power(pairs, s_d, ratio_limit, confidence) < power:
        pairs += 1
    return pairs
