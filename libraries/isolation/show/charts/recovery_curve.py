"""Chart: what is still left after an event (a crash, the end of a load), until nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record import Limit
from isolation.record.numbers import number
from isolation.show.charts.scales import Point, Scale, scale, spread, thin, ticks, time_ticks
from isolation.show.charts.svg import PALETTE, WIDTH, Svg
from isolation.show.text import shorten

_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 70, WIDTH - 190, 92, 350, 400


@dataclass(frozen=True, slots=True)
class Remainder:
    """One kind of residue, or the memory, over time.

    Attributes:
        name: Such as ``processes`` or ``sockets``.
        at: Seconds, monotonic clock, in order.
        values: In the chart's unit.
        clean_at: When it had reached its limit for good, or None when it never did.
    """

    name: str
    at: Sequence[float]
    values: Sequence[float]
    clean_at: float | None


def recovery_curve(
    remainders: Sequence[Remainder], *, title: str, unit: str, event: str, event_at: float, deadline: Limit,
    limit: Limit | None = None,
) -> str:  # fmt: skip
    """Draw how residue disappears after an event.

    Args:
        remainders: One line each.
        unit: Of the values; ``things left`` for counts.
        event: What happened at time 0, in a few words.
        event_at: Seconds, monotonic clock.
        deadline: The time in which it must be gone, in seconds after the event.
        limit: The value that must be reached, when it is not 0.
    """
    late = [r for r in remainders if r.clean_at is None or r.clean_at - event_at > deadline.value]
    words = f"{len(remainders) - len(late)} of {len(remainders)} back within {number(deadline.value)} s"
    svg = Svg(_HEIGHT, title, f"{words} after: {event}.", words)
    times = [at - event_at for r in remainders for at in r.at]
    x = Scale(min([*times, 0.0]), max([*times, deadline.value]) * 1.03, _LEFT, _RIGHT)
    y = scale(
        [v for r in remainders for v in r.values] + ([limit.value] if limit else []), _BOTTOM, _TOP, low=0.0, room=1.1
    )
    svg.x_axis(x, _BOTTOM, _TOP, time_ticks(x.high), f"time after: {shorten(event, 60)} (s)")
    svg.y_axis(y, _LEFT, _RIGHT, ticks(y.low, y.high), unit)
    svg.line(x(0.0), _BOTTOM, x(0.0), _TOP, colour="#0072B2", width=1.5, hover=event)
    svg.text(x(0.0) + 5, _TOP + 14, shorten(event, 40), size=11, colour="#0072B2", halo=True)
    for remainder, colour in zip(remainders, _colours(len(remainders)), strict=True):
        _curve(svg, remainder, x, y, event_at, colour)
    ends = spread([y(r.values[-1]) if r.values else _BOTTOM for r in remainders], 28, _TOP, _BOTTOM - 18)
    for remainder, end, colour in zip(remainders, ends, _colours(len(remainders)), strict=True):
        svg.text(_RIGHT + 8, end + 2, shorten(remainder.name, 26), colour=colour, weight="600", hover=remainder.name)
        svg.text(_RIGHT + 8, end + 15, _outcome(remainder, event_at, unit), size=11, colour=colour)
    svg.limit_down(x, _BOTTOM, _TOP, deadline, "deadline")
    if limit:
        svg.limit_across(y, _LEFT, _RIGHT, limit)
    return svg.render()


def _colours(count: int) -> list[str]:
    return [PALETTE[(index + 1) % len(PALETTE)] for index in range(count)]


def _curve(svg: Svg, remainder: Remainder, x: Scale, y: Scale, event_at: float, colour: str) -> None:
    points: list[Point] = thin([(at - event_at, v) for at, v in zip(remainder.at, remainder.values, strict=True)], 300)
    if not points:
        return
    svg.curve([(x(at), y(value)) for at, value in points], colour=colour, width=2, hover=remainder.name)
    if remainder.clean_at is not None:
        after = remainder.clean_at - event_at
        value = next((value for at, value in points if at >= after), points[-1][1])
        svg.dot(x(after), y(value), 5, fill=colour, hover=f"{remainder.name}: {_outcome(remainder, event_at, '')}")


def _outcome(remainder: Remainder, event_at: float, unit: str) -> str:
    if remainder.clean_at is not None:
        return f"back after {number(remainder.clean_at - event_at)} s"
    left = number(remainder.values[-1]) if remainder.values else "?"
    return f"never back: {left} left" if unit != "MB" else f"never back: {left} MB"
