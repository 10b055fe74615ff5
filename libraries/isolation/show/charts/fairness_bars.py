"""Chart: what each tenant obtained of what it is entitled to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record import Limit
from isolation.record.numbers import number
from isolation.show.charts.scales import scale, ticks
from isolation.show.charts.svg import INK, MUTED, SKY, VERMILLION, WIDTH, Svg
from isolation.show.numbers import limit_words
from isolation.show.text import shorten

_LEFT, _RIGHT, _TOP, _BOTTOM = 70, WIDTH - 130, 72, 320
_MOST_NAMES = 45


@dataclass(frozen=True, slots=True)
class Share:
    """What one tenant obtained, divided by what it is entitled to; 1 is exactly fair."""

    tenant: str
    obtained_over_entitled: float


def fairness_bars(
    shares: Sequence[Share], *, title: str, lowest: Limit, highest: Limit, jain: float | None = None
) -> str:
    """Draw one bar per tenant, the smallest share first, with the lines that nobody may cross.

    Args:
        shares: One per tenant.
        lowest: The smallest share allowed, such as 0.5.
        highest: The largest share allowed, such as 2.0.
        jain: Jain's index over the shares, written under the title.
    """
    ordered = sorted(shares, key=lambda share: share.obtained_over_entitled)
    outside = [share for share in ordered if not _inside(share, lowest, highest)]
    words = f"{len(shares)} tenants, {len(outside)} outside the limits" + (
        f"; Jain's index {number(jain)}" if jain is not None else ""
    )
    named = len(ordered) <= _MOST_NAMES
    foot = 7.0 * max((min(len(share.tenant), 16) for share in ordered), default=0) if named else 18.0
    svg = Svg(_BOTTOM + foot + 38, title, words + ".", words)
    y = scale([share.obtained_over_entitled for share in ordered] + [highest.value], _BOTTOM, _TOP, low=0.0, room=1.12)
    svg.y_axis(y, _LEFT, _RIGHT, ticks(y.low, y.high), "obtained / entitled (ratio)")
    step = (_RIGHT - _LEFT) / max(len(ordered), 1)
    width = min(step * 0.72, 40.0)
    for index, share in enumerate(ordered):
        value = share.obtained_over_entitled
        middle = _LEFT + step * (index + 0.5)
        fill = VERMILLION if share in outside else SKY
        top = y(value)
        svg.rectangle(
            middle - width / 2,
            top,
            width,
            _BOTTOM - top,
            fill=fill,
            hover=f"{share.tenant}: {number(value)} of its share",
        )
        if named:
            svg.text(
                middle + 4,
                _BOTTOM + 8 + foot,
                shorten(share.tenant, 16),
                size=11,
                colour=INK if share in outside else MUTED,
                turned=True,
            )
    for index, share in enumerate(ordered):
        if share in outside and len(outside) <= 12:
            value = share.obtained_over_entitled
            svg.text(
                _LEFT + step * (index + 0.5),
                y(value) - 5,
                number(value),
                size=11,
                anchor="middle",
                weight="600",
                halo=True,
            )
    svg.line(_LEFT, y(1.0), _RIGHT, y(1.0), colour=INK, width=1)
    svg.text(_RIGHT + 8, y(1.0) + 4, "fair share: 1")
    for limit in (lowest, highest):
        # The axis says what is counted: with its unit the label would be cut off at the edge.
        bare = limit.model_copy(update={"unit": ""})
        svg.line(_LEFT, y(limit.value), _RIGHT, y(limit.value), width=1.5, dash="6 4", hover=f"limit {limit}")
        svg.text(_RIGHT + 8, y(limit.value) + 4, f"limit {limit_words(bare)}", weight="600", hover=limit.source)
    svg.text((_LEFT + _RIGHT) / 2, _BOTTOM + foot + 26, "tenants, smallest share first", colour=MUTED, anchor="middle")
    return svg.render()


def _inside(share: Share, lowest: Limit, highest: Limit) -> bool:
    value = share.obtained_over_entitled
    return lowest.comparison.holds(value, lowest.value) and highest.comparison.holds(value, highest.value)
