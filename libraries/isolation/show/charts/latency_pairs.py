"""Chart: the victims' latency, quiet against noisy, pair by pair, and the ratio that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record import Interval
from isolation.record.numbers import number
from isolation.show.charts.scales import Scale, log_ticks, scale, ticks
from isolation.show.charts.svg import BLUE, GREEN, INK, MUTED, OTHERS, VERMILLION, WIDTH, Svg

_TOP, _SPLIT_LEFT, _SPLIT_RIGHT = 96, 430, 490
_RATIOS = (0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0)


@dataclass(frozen=True, slots=True)
class LatencyPair:
    """One round of a campaign: the same statistic of a quiet and of a noisy block, in milliseconds."""

    number: int
    quiet: float
    noisy: float

    @property
    def ratio(self) -> float:
        """Noisy over quiet; 1 means that the noise changed nothing."""
        return self.noisy / self.quiet


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """The slowdown over all pairs, as a ratio, with its confidence interval."""

    ratio: float
    interval: Interval


def latency_pairs(
    pairs: Sequence[LatencyPair], *, title: str, statistic: str, estimate: RatioEstimate | None, band: float = 1.10
) -> str:
    """Draw both latencies of every pair (left) and their ratios with the interval against the allowed band (right).

    Args:
        pairs: The rounds; both latencies are positive.
        statistic: What the latencies are: ``block mean``, ``block P95`` ...
        estimate: The judged ratio, or None when the judge could not make one.
        band: The allowed slowdown as a ratio; the band runs from 1/band to band.
    """
    row = 22.0 if len(pairs) <= 16 else 12.0
    foot = _TOP + row * len(pairs)
    bottom = foot + 46
    svg = Svg(
        bottom + 50,
        title,
        f"{statistic} of {len(pairs)} pairs of blocks, quiet and noisy.",
        f"{len(pairs)} pairs of blocks, {statistic}",
    )
    x = scale([value for pair in pairs for value in (pair.quiet, pair.noisy)], 96, _SPLIT_LEFT, low=0.0)
    svg.x_axis(x, bottom, _TOP - 6, ticks(x.low, x.high, 5), f"latency of the victims, {statistic} (ms)")
    ratios = _ratio_scale(pairs, estimate, band)
    svg.rectangle(
        ratios(1 / band), _TOP - 6, ratios(band) - ratios(1 / band), bottom - _TOP + 6, fill=GREEN, opacity=0.13
    )
    allowed = [value for value in _RATIOS if ratios.low <= value <= ratios.high]
    svg.x_axis(
        ratios,
        bottom,
        _TOP - 6,
        allowed if ratios.high <= 6 else log_ticks(ratios.low, ratios.high),
        "ratio noisy / quiet",
    )
    percent = number(round((band - 1) * 100, 6))
    svg.text(ratios(1.0), _TOP - 12, f"limit: within {percent} %", weight="600", anchor="middle", halo=True)
    svg.text(24, _TOP - 12, "pair", size=11, colour=MUTED)
    svg.dot(104, _TOP - 16, 4, fill=BLUE)
    svg.text(113, _TOP - 12, "quiet", size=11, colour=BLUE, weight="600")
    svg.dot(158, _TOP - 16, 4, fill=VERMILLION)
    svg.text(167, _TOP - 12, "noisy", size=11, colour=VERMILLION, weight="600")
    for index, pair in enumerate(pairs):
        _pair(svg, pair, _TOP + row * (index + 0.5), x, ratios, label=row > 15 or index % 5 == 0)
    _estimate(svg, estimate, foot + 22, ratios, band)
    return svg.render()


def _ratio_scale(pairs: Sequence[LatencyPair], estimate: RatioEstimate | None, band: float) -> Scale:
    values = [pair.ratio for pair in pairs] + ([estimate.interval.low, estimate.interval.high] if estimate else [])
    low = min([*values, 1 / band / 1.08]) * 0.97
    high = max([*values, band * 1.08]) * 1.03
    return Scale(low, high, _SPLIT_RIGHT, WIDTH - 30, logarithmic=True)


def _pair(svg: Svg, pair: LatencyPair, y: float, x: Scale, ratios: Scale, *, label: bool) -> None:
    words = (
        f"pair {pair.number}: {number(pair.quiet)} ms quiet, {number(pair.noisy)} ms noisy, ratio {number(pair.ratio)}"
    )
    if label:
        svg.text(50, y + 4, str(pair.number), size=11, colour=MUTED, anchor="end")
    svg.line(x(pair.quiet), y, x(pair.noisy), y, colour=OTHERS, width=2, hover=words)
    svg.dot(x(pair.quiet), y, 4, fill=BLUE, hover=words)
    svg.dot(x(pair.noisy), y, 4, fill=VERMILLION, hover=words)
    svg.dot(ratios(pair.ratio), y, 3.5, fill=MUTED, hover=words)


def _estimate(svg: Svg, estimate: RatioEstimate | None, y: float, ratios: Scale, band: float) -> None:
    svg.line(24, y - 16, WIDTH - 24, y - 16, colour=OTHERS)
    if estimate is None:
        svg.text(24, y + 4, "all pairs: too few for an estimate", weight="600")
        return
    interval = estimate.interval
    inside = interval.low > 1 / band and interval.high < band
    colour = GREEN if inside else VERMILLION if interval.low > band else INK
    level = number(round(interval.confidence * 100, 6))
    ends = f"{number(interval.low)} to {number(interval.high)}"
    words = f"all pairs: ratio {number(estimate.ratio)}, {level} % interval {ends}"
    svg.text(24, y + 5, words, weight="600", colour=INK)
    svg.line(ratios(interval.low), y, ratios(interval.high), y, colour=colour, width=4, hover=words)
    svg.dot(ratios(estimate.ratio), y, 6, fill=colour, hover=words)
