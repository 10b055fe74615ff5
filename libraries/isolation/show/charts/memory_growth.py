"""Chart: memory over time with the slope that the judge found, against the slope that counts as a leak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record import Limit
from isolation.record.numbers import number
from isolation.show.charts.scales import Scale, scale, spread, thin, ticks, time_ticks
from isolation.show.charts.svg import BLUE, INK, OTHERS, PALETTE, WIDTH, Svg
from isolation.show.numbers import limit_words
from isolation.show.text import shorten

_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 70, WIDTH - 170, 72, 360, 410
_POINTS = 2400


@dataclass(frozen=True, slots=True)
class Growth:
    """The memory of one tenant.

    Attributes:
        at: Seconds, monotonic clock, in order.
        megabytes: One value per time.
        slope: MB per minute as the judge found it, or None when it did not decide.
        leaking: Whether the judge calls it a leak.
        named_at: When the target named it, or None.
    """

    tenant: str
    at: Sequence[float]
    megabytes: Sequence[float]
    slope: float | None
    leaking: bool = False
    named_at: float | None = None


def memory_growth(
    growths: Sequence[Growth], *, title: str, limit: Limit, memory_kind: str, zero_at: float | None = None
) -> str:
    """Draw the memory of all tenants, leaks in colour with their slopes, and a ray that climbs with the limit.

    Args:
        growths: One per tenant.
        limit: The growth that counts as a leak, in MB per minute.
        memory_kind: ``PSS`` or ``RSS``.
        zero_at: The moment that the axis calls 0; None takes the first sample.
    """
    leaks = [growth for growth in growths if growth.leaking]
    words = f"{len(leaks)} of {len(growths)} tenants grow like a leak"
    svg = Svg(_HEIGHT, title, f"{words}; memory as {memory_kind}.", words + (" (in colour)" if leaks else ""))
    times = [at for growth in growths for at in growth.at]
    zero = zero_at if zero_at is not None else min(times, default=0.0)
    x = Scale(min([at - zero for at in times] + [0.0]), max([at - zero for at in times] + [1.0]), _LEFT, _RIGHT)
    values = [value for growth in growths for value in growth.megabytes]
    ray_from = sorted(growth.megabytes[0] for growth in growths if growth.megabytes)
    start = ray_from[len(ray_from) // 2] if ray_from else 0.0
    ray_to = start + limit.value * (x.high - max(x.low, 0.0)) / 60
    y = scale([*values, ray_to], _BOTTOM, _TOP, low=0.0)
    svg.x_axis(x, _BOTTOM, _TOP, time_ticks(x.high), "time since the start (s)")
    svg.y_axis(y, _LEFT, _RIGHT, ticks(y.low, y.high), f"memory, {memory_kind} (MB)")
    per_line = max(_POINTS // max(len(growths), 1), 8)
    for growth in growths:
        if not growth.leaking:
            _line(svg, growth, x, y, zero, per_line, OTHERS, 1.0)
    svg.line(x(max(x.low, 0.0)), y(start), x(x.high), y(ray_to), width=1.5, dash="6 4", hover=f"limit {limit}")
    colours = [PALETTE[index % len(PALETTE)] for index in range(len(leaks))]
    for growth, colour in zip(leaks, colours, strict=True):
        _line(svg, growth, x, y, zero, per_line, colour, 2.2)
        if growth.named_at is not None:
            _named(svg, growth, x, y, zero)
    ends = [y(growth.megabytes[-1]) if growth.megabytes else float(_BOTTOM) for growth in leaks]
    *places, ray_label = spread([*ends, y(ray_to)], 30, _TOP + 4, _BOTTOM - 16)
    svg.text(_RIGHT + 8, ray_label + 4, f"limit {limit_words(limit)}", weight="600", hover=limit.source)
    for growth, place, colour in zip(leaks, places, colours, strict=True):
        svg.text(_RIGHT + 8, place, shorten(growth.tenant, 22), colour=colour, weight="600", hover=growth.tenant)
        slope = f"+{number(growth.slope)} MB/min" if growth.slope is not None else "slope not decided"
        svg.text(_RIGHT + 8, place + 14, slope, size=11, colour=colour)
    return svg.render()


def _line(svg: Svg, growth: Growth, x: Scale, y: Scale, zero: float, at_most: int, colour: str, width: float) -> None:
    points = thin([(at - zero, value) for at, value in zip(growth.at, growth.megabytes, strict=True)], at_most)
    if points:
        slope = f", {number(growth.slope)} MB/min" if growth.slope is not None else ""
        svg.curve([(x(at), y(value)) for at, value in points], colour=colour, width=width, hover=growth.tenant + slope)


def _named(svg: Svg, growth: Growth, x: Scale, y: Scale, zero: float) -> None:
    named_at = growth.named_at if growth.named_at is not None else zero
    value = next((v for at, v in zip(growth.at, growth.megabytes, strict=True) if at >= named_at), 0.0)
    words = f"named after {number(named_at - zero)} s"
    svg.dot(x(named_at - zero), y(value), 5, fill=BLUE, hover=f"{growth.tenant} {words}")
    svg.text(x(named_at - zero) - 9, y(value) - 8, words, size=11, anchor="end", colour=INK, halo=True)
