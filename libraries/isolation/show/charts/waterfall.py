"""Chart: the start of many users at once, phase by phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record import Limit
from isolation.record.numbers import number
from isolation.show.charts.scales import Scale, ticks
from isolation.show.charts.svg import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILLION, WIDTH, Svg, text_width
from isolation.show.text import listed, shorten

_LEFT, _RIGHT, _TOP = 120, WIDTH - 40, 108
_COLOURS = (SKY, ORANGE, PURPLE, BLUE, GREEN)


@dataclass(frozen=True, slots=True)
class UserStart:
    """The start of one user.

    Attributes:
        phases: Seconds of each phase, in the order of the chart's phase names; shorter when the start broke off.
        began: When the first phase began, seconds after the common start.
        failed: Why it never got its first answer, or empty.
    """

    user: str
    phases: Sequence[float]
    began: float = 0.0
    failed: str = ""

    @property
    def ended(self) -> float:
        """Seconds after the common start."""
        return self.began + sum(self.phases)


def waterfall(starts: Sequence[UserStart], phase_names: Sequence[str], *, title: str, limit: Limit) -> str:
    """Draw one thin row per user: the slowest last, failed ones below them.

    Args:
        starts: Up to about 150 users.
        phase_names: Such as ``connect``, ``authenticate``, ``initialise``, ``first response``.
        limit: The longest start allowed, in seconds.
    """
    ordered = sorted(starts, key=lambda start: (bool(start.failed), start.ended))
    failed = [start.user for start in ordered if start.failed]
    slow = [start for start in ordered if not start.failed and not limit.comparison.holds(start.ended, limit.value)]
    words = f"{len(starts) - len(failed)} of {len(starts)} users got their first answer, {len(slow)} of them too late"
    row = min(max(420 / max(len(ordered), 1), 3.5), 16)
    bottom = _TOP + row * len(ordered) + 4
    svg = Svg(
        bottom + 48, title, words + ".", words + (f"; failed: {shorten(listed(failed, 3), 60)}" if failed else "")
    )
    x = Scale(0.0, max([start.ended for start in ordered] + [limit.value]) * 1.08, _LEFT, _RIGHT)
    svg.x_axis(x, bottom, _TOP, ticks(0.0, x.high, 8), "seconds after the common start (s)")
    _legend(svg, phase_names)
    for index, start in enumerate(ordered):
        _row(svg, start, phase_names, x, _TOP + 2 + row * index, row, named=row >= 11)
    if row < 11:
        svg.text(20, _TOP + 12, "fastest", size=11, colour=MUTED)
        svg.text(20, bottom - 6, "failed" if failed else "slowest", size=11, colour=VERMILLION if failed else MUTED)
    svg.limit_down(x, bottom, _TOP, limit)
    return svg.render()


def _legend(svg: Svg, phase_names: Sequence[str]) -> None:
    x = float(_LEFT)
    for name, colour in zip(phase_names, _COLOURS, strict=False):
        svg.rectangle(x, 63, 12, 12, fill=colour, round_by=2)
        svg.text(x + 17, 73, name, colour=INK)
        x += text_width(name) + 42


def _row(svg: Svg, start: UserStart, names: Sequence[str], x: Scale, y: float, row: float, *, named: bool) -> None:
    phases = ", ".join(f"{name} {number(seconds)} s" for name, seconds in zip(names, start.phases, strict=False))
    words = f"{start.user}: {phases}" + (
        f"; failed: {start.failed}" if start.failed else f"; total {number(start.ended)} s"
    )
    at = start.began
    for seconds, colour in zip(start.phases, _COLOURS, strict=False):
        svg.rectangle(x(at), y, max(x(at + seconds) - x(at), 0.6), row * 0.8, fill=colour)
        at += seconds
    if start.failed:
        end, size = x(at) + 6, min(row * 0.4, 4)
        middle = y + row * 0.4
        svg.line(end - size, middle - size, end + size, middle + size, colour=VERMILLION, width=1.8)
        svg.line(end - size, middle + size, end + size, middle - size, colour=VERMILLION, width=1.8)
    svg.rectangle(_LEFT, y, _RIGHT - _LEFT, row, fill="transparent", hover=words)
    if named:
        svg.text(
            _LEFT - 8,
            y + row * 0.7,
            shorten(start.user, 16),
            size=11,
            colour=VERMILLION if start.failed else MUTED,
            anchor="end",
        )
