"""Chart: latency by percentile, quiet against noisy, with the tail drawn wide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record import Limit
from isolation.record.numbers import number
from isolation.show.charts.scales import Scale, log_ticks, spread, ticks
from isolation.show.charts.svg import BLUE, PALETTE, VERMILLION, WIDTH, Svg
from isolation.show.text import shorten

_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 76, WIDTH - 150, 76, 370, 422
_SHARES = (0.0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999)
_POINTS = 160


@dataclass(frozen=True, slots=True)
class Latencies:
    """All latencies of one condition, in seconds, in any order."""

    label: str
    seconds: Sequence[float]


def latency_distribution(curves: Sequence[Latencies], *, title: str, limit: Limit | None = None) -> str:
    """Draw one percentile curve per condition.

    The horizontal axis is stretched towards the slow answers: each further "nine" takes the same width, because the
    slow answers are what tenants notice. A curve ends at the share that its number of answers can still show, 1 - 1/n.

    Args:
        curves: Such as quiet and noisy; empty ones are named but not drawn.
        limit: Drawn as a horizontal line, in seconds.
    """
    filled = [curve for curve in curves if len(curve.seconds)]
    counts = ", ".join(f"{curve.label}: {number(len(curve.seconds))} answers" for curve in curves)
    svg = Svg(_HEIGHT, title, f"Latency by percentile; {counts}.", counts)
    longest = max((len(curve.seconds) for curve in filled), default=20)
    x = Scale(0.0, max(_nines(1 - 1 / longest), 1.3), _LEFT, _RIGHT)
    y = _latency_scale(filled, limit)
    for share in _SHARES:
        if _nines(share) <= x.high:
            place = x(_nines(share))
            svg.line(place, _BOTTOM, place, _TOP, colour="#e6e9ee")
            svg.text(place, _BOTTOM + 17, f"{share * 100:g} %", size=11, colour="#5b6675", anchor="middle")
    svg.text(
        (_LEFT + _RIGHT) / 2,
        _BOTTOM + 38,
        "share of the answers that were at least this fast",
        colour="#5b6675",
        anchor="middle",
    )
    values = log_ticks(y.low, y.high) if y.logarithmic else ticks(y.low, y.high)
    svg.y_axis(y, _LEFT, _RIGHT, values, "latency from the intended send time (s)")
    ends = spread([y(max(curve.seconds)) for curve in filled], 30, _TOP, _BOTTOM - 20)
    for curve, end, colour in zip(filled, ends, _colours(len(filled)), strict=True):
        _curve(svg, curve, x, y, end, colour)
    if limit:
        svg.limit_across(y, _LEFT, _RIGHT, limit)
    return svg.render()


def _colours(count: int) -> list[str]:
    return [BLUE, VERMILLION, *PALETTE[2:], *PALETTE][:count]


def _nines(share: float) -> float:
    return -math.log10(1 - share) if share < 1 else math.inf


def _latency_scale(curves: Sequence[Latencies], limit: Limit | None) -> Scale:
    highest = max([max(curve.seconds) for curve in curves] + ([limit.value] if limit else []) + [0.001])
    lowest = max(min((min(curve.seconds) for curve in curves), default=0.001), 1e-5)
    if highest / lowest > 30:
        return Scale(lowest / 1.2, highest * 1.3, _BOTTOM, _TOP, logarithmic=True)
    return Scale(0.0, highest * 1.12, _BOTTOM, _TOP)


def _curve(svg: Svg, curve: Latencies, x: Scale, y: Scale, label_at: float, colour: str) -> None:
    ordered = sorted(curve.seconds)
    count = len(ordered)
    end = _nines(1 - 1 / count) if count > 1 else 0.05
    places = [end * index / (_POINTS - 1) for index in range(_POINTS)]
    points = [(x(place), y(_at_share(ordered, 1 - 10**-place))) for place in places]
    svg.curve(points, colour=colour, width=2.2, hover=f"{curve.label}: {count} answers")
    for share in (0.5, 0.95, 0.99):
        # A percentile is only marked when ten answers lie above it.
        if count * (1 - share) >= 9.999:
            value = _at_share(ordered, share)
            words = f"{curve.label} P{number(share * 100)}: {number(value)} s"
            svg.dot(x(_nines(share)), y(value), 4, fill=colour, hover=words)
    p95 = _at_share(ordered, 0.95)
    svg.text(_RIGHT + 8, label_at + 2, shorten(curve.label, 20), colour=colour, weight="600")
    detail = f"P95 {number(p95)} s" if count >= 200 else f"max {number(ordered[-1])} s"
    svg.text(_RIGHT + 8, label_at + 16, detail, size=11, colour=colour)


def _at_share(ordered: Sequence[float], share: float) -> float:
    """Nearest rank: the smallest value that at least this share of the answers does not exceed."""
    return ordered[min(max(math.ceil(share * len(ordered) - 1e-9), 1), len(ordered)) - 1]
