"""Chart: how long each promise in time took, each on its own clock against its own limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record import Limit
from isolation.record.numbers import number
from isolation.show.charts.scales import scale, time_ticks
from isolation.show.charts.svg import BLUE, GRID, INK, MUTED, VERMILLION, WIDTH, Svg
from isolation.show.numbers import limit_words
from isolation.show.text import shorten

_LEFT, _RIGHT, _TOP, _ROW, _GAP = 250, WIDTH - 130, 72, 22, 20


@dataclass(frozen=True, slots=True)
class Stage:
    """One clock of one noisy tenant.

    Attributes:
        name: Such as ``identified``, ``contained`` or ``back to normal``.
        counted_from: What started this clock, such as ``start of the noise``.
        seconds: How long it took, or None when it did not happen while the suite watched.
        limit: The time allowed, in seconds.
    """

    name: str
    counted_from: str
    seconds: float | None
    limit: Limit

    @property
    def kept(self) -> bool:
        """Whether it happened in time."""
        return self.seconds is not None and self.limit.comparison.holds(self.seconds, self.limit.value)


@dataclass(frozen=True, slots=True)
class NoisyTenant:
    """One noisy tenant, what it did, and its clocks in the order of time."""

    tenant: str
    noise: str
    stages: Sequence[Stage]


def clocks(tenants: Sequence[NoisyTenant], *, title: str) -> str:
    """Draw one bar per clock: how long it took, and the mark that it must not pass."""
    stages = [stage for tenant in tenants for stage in tenant.stages]
    late = sum(not stage.kept for stage in stages)
    words = f"{len(stages) - late} of {len(stages)} clocks inside their limit; each bar counts from its own start"
    height = _TOP + sum(_GAP + 14 + _ROW * len(tenant.stages) for tenant in tenants)
    svg = Svg(height + 48, title, words + ".", words)
    x = scale(
        [s.limit.value for s in stages] + [s.seconds for s in stages if s.seconds is not None],
        _LEFT,
        _RIGHT,
        low=0.0,
        room=1.22,
    )
    svg.x_axis(x, height, _TOP, time_ticks(x.high), "seconds on each clock (s)")
    y = float(_TOP)
    for tenant in tenants:
        y += _GAP
        svg.text(20, y + 2, shorten(tenant.tenant, 24), weight="600", hover=tenant.tenant)
        svg.text(_LEFT, y + 2, shorten(tenant.noise, 70), size=11, colour=MUTED, halo=True)
        y += 14
        for stage in tenant.stages:
            _stage(
                svg,
                tenant.tenant,
                stage,
                y,
                x(0.0),
                x(stage.limit.value),
                x(stage.seconds if stage.seconds is not None else x.high),
            )
            y += _ROW
    return svg.render()


def _stage(svg: Svg, tenant: str, stage: Stage, y: float, start: float, limit: float, end: float) -> None:
    took = f"{number(stage.seconds, stage.limit)} s" if stage.seconds is not None else "never seen"
    words = f"{tenant} {stage.name}: {took} from the {stage.counted_from}; limit {stage.limit}"
    middle = y + _ROW / 2
    svg.text(20, middle + 4, f"{stage.name}", colour=INK)
    svg.text(_LEFT - 10, middle + 4, f"from {shorten(stage.counted_from, 20)}", size=11, colour=MUTED, anchor="end")
    svg.rectangle(start, y + 4, limit - start, _ROW - 8, fill=GRID, hover=words)
    if stage.seconds is None:
        svg.line(start, middle, end, middle, colour=VERMILLION, width=3, dash="3 4", hover=words)
    else:
        svg.rectangle(
            start, y + 7, max(end - start, 2), _ROW - 14, fill=BLUE if stage.kept else VERMILLION, hover=words
        )
    svg.line(limit, y + 2, limit, y + _ROW - 2, width=2.5, hover=f"limit {stage.limit}")
    svg.text(_RIGHT + 12, middle + 4, took, weight="600", colour=INK if stage.kept else VERMILLION)
    beside = limit if stage.seconds is None else max(end, limit)
    svg.text(beside + 7, middle + 4, limit_words(stage.limit), size=11, colour=MUTED, halo=True)
