"""Chart: what each tenant used over time, noisy tenants in colour, the others in grey, with quota and events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record import Limit
from isolation.record.numbers import number
from isolation.show.charts.scales import Point, Scale, scale, spread, thin, ticks, time_ticks
from isolation.show.charts.svg import BLUE, INK, MUTED, OTHERS, PALETTE, WIDTH, Svg, text_width
from isolation.show.text import shorten

_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 70, WIDTH - 140, 122, 380, 430
_MARK_ROWS = 4
_POINTS = 2800
"""Points in the whole chart: about 12 bytes each, so that a log with many charts stays small."""
_MOST_LINES = 30
"""More tenants than this are drawn as one band from the lowest to the highest, with their median."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one tenant used.

    Attributes:
        at: Seconds, monotonic clock, in order.
        values: One value per time, in the chart's unit; ``nan`` where nothing was measured.
        noisy: Whether it is drawn in colour and labelled.
    """

    tenant: str
    at: Sequence[float]
    values: Sequence[float]
    noisy: bool = False


@dataclass(frozen=True, slots=True)
class EventMark:
    """Something that happened at one moment: an alert, an audit entry, the start of the noise."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class _Label:
    text: str
    colour: str
    y: float


def usage_over_time(
    usages: Sequence[Usage], *, title: str, unit: str, quantity: str = "processor", quota: Limit | None = None,
    marks: Sequence[EventMark] = (), zero_at: float | None = None,
) -> str:  # fmt: skip
    """Draw the usage of all tenants over time.

    Args:
        usages: One per tenant.
        unit: Such as ``% of one core`` or ``MB``.
        quantity: What is used, for the axis: ``processor``, ``memory`` ...
        quota: Drawn as a horizontal line when given.
        marks: Drawn as vertical lines; labels that find no room show on hover.
        zero_at: The moment that the axis calls 0; None takes the first sample.

    Returns:
        An ``<svg>`` element.
    """
    times = [at for usage in usages for at in usage.at]
    zero = zero_at if zero_at is not None else min(times, default=0.0)
    noisy, others = [u for u in usages if u.noisy], [u for u in usages if not u.noisy]
    subtitle = (
        f"{len(noisy)} noisy in colour, {len(others)} other tenants in grey" if noisy else f"{len(others)} tenants"
    )
    svg = Svg(_HEIGHT, title, f"{quantity} in {unit} per tenant over time; {subtitle}.", subtitle)
    first = min([at - zero for at in times] + [0.0])
    last = max([at - zero for at in times] + [mark.at - zero for mark in marks] + [first + 1.0])
    x = Scale(first, last, _LEFT, _RIGHT)
    values = [value for usage in usages for value in usage.values]
    y = scale([*values, *([quota.value] if quota else [])], _BOTTOM, _TOP, low=0.0, room=1.12)
    svg.x_axis(x, _BOTTOM, _TOP, time_ticks(last), "time since the start (s)")
    svg.y_axis(y, _LEFT, _RIGHT, ticks(y.low, y.high), f"{quantity} ({unit})")
    lines = len(noisy) + (len(others) if len(others) <= _MOST_LINES else 0)
    per_line = min(max(_POINTS // max(lines, 1), 8), 600)
    labels: list[_Label] = []
    if len(others) > _MOST_LINES:
        labels.append(_Label("others (median)", MUTED, _band(svg, others, x, y, zero)))
    else:
        for usage in others:
            _line(svg, usage, x, y, zero, per_line, OTHERS, 1.0)
    for index, usage in enumerate(noisy):
        colour = PALETTE[index % len(PALETTE)]
        _line(svg, usage, x, y, zero, per_line, colour, 2.0)
        labels.append(_Label(usage.tenant, colour, y(_last(usage))))
    _end_labels(svg, labels)
    _marks(svg, marks, x, zero)
    if quota:
        svg.limit_across(y, _LEFT, _RIGHT, quota, "quota")
    return svg.render()


def _line(svg: Svg, usage: Usage, x: Scale, y: Scale, zero: float, at_most: int, colour: str, width: float) -> None:
    points = thin(list(zip((at - zero for at in usage.at), usage.values, strict=True)), at_most)
    if points:
        svg.curve([(x(at), y(value)) for at, value in points], colour=colour, width=width, hover=usage.tenant)


def _band(svg: Svg, others: Sequence[Usage], x: Scale, y: Scale, zero: float) -> float:
    stretches = 120
    width = (x.high - x.low) / stretches
    buckets: list[list[float]] = [[] for _ in range(stretches)]
    for usage in others:
        for at, value in zip(usage.at, usage.values, strict=True):
            if math.isfinite(value):
                buckets[min(max(int((at - zero - x.low) / width), 0), stretches - 1)].append(value)
    filled = [(x.low + (index + 0.5) * width, sorted(bucket)) for index, bucket in enumerate(buckets) if bucket]
    lower: list[Point] = [(x(at), y(bucket[0])) for at, bucket in filled]
    upper: list[Point] = [(x(at), y(bucket[-1])) for at, bucket in filled]
    middle: list[Point] = [(x(at), y(bucket[len(bucket) // 2])) for at, bucket in filled]
    if not filled:
        return y(0.0)
    words = f"{len(others)} other tenants: lowest, median, highest"
    svg.curve([*upper, *reversed(lower)], colour="none", fill="#e3e7ec", hover=words)
    svg.curve(middle, colour=MUTED, width=1.5, hover=words)
    return middle[-1][1]


def _end_labels(svg: Svg, labels: Sequence[_Label]) -> None:
    places = spread([label.y for label in labels], 15, _TOP, _BOTTOM - 2)
    for label, place in zip(labels, places, strict=True):
        svg.text(_RIGHT + 8, place + 4, shorten(label.text, 18), colour=label.colour, weight="600", hover=label.text)


def _last(usage: Usage) -> float:
    return next((value for value in reversed(usage.values) if math.isfinite(value)), 0.0)


def _marks(svg: Svg, marks: Sequence[EventMark], x: Scale, zero: float) -> None:
    free_until = [float(WIDTH - 12)] * _MARK_ROWS
    stems: list[tuple[float, int]] = []
    # From the last to the first: a label may then stand above the stems of later marks, never across them.
    for mark in sorted(marks, key=lambda mark: mark.at, reverse=True):
        place = x(mark.at - zero)
        words = f"{mark.label}, {number(mark.at - zero)} s"
        svg.line(place, _BOTTOM, place, _TOP, colour=BLUE, width=1, dash="2 3", hover=words)
        label = shorten(mark.label, 34)
        width = text_width(label, 11) + 12
        left = min(place, WIDTH - 12 - width)
        lowest = max((row + 1 for at, row in stems if left < at < left + width), default=0)
        row = next((row for row in range(lowest, _MARK_ROWS) if left + width <= free_until[row]), None)
        if row is None:
            continue
        free_until[row] = left
        stems.append((place, row))
        level = _TOP - 8 - 14 * row
        svg.line(place, _TOP, place, level + 2, colour=BLUE, width=1)
        svg.dot(place, level - 3, 2.5, fill=BLUE)
        svg.text(left + 6, level, label, size=11, colour=INK, halo=True, hover=words)
