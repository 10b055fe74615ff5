"""Chart: whose secrets were found where they must not be; clean cells say how often somebody looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record.numbers import number
from isolation.show.charts.svg import GRID, INK, MUTED, OTHERS, VERMILLION, WIDTH, Svg
from isolation.show.text import shorten

_LEFT, _ROW = 190, 24
_WIDE_COLUMN = 84
"""From this width on, headings stand level instead of turned."""
_MOST_ROWS = 24
_CLEAN = "#eef5f9"


@dataclass(frozen=True, slots=True)
class Scan:
    """One owner's secrets looked for in one place.

    Attributes:
        owner: The tenant whose secrets they are.
        place: Where the suite looked, such as ``frames of others`` or ``Redis``.
        probes: How many pieces of that place were searched; 0 means that nobody looked.
        found: How many foreign secrets were there.
    """

    owner: str
    place: str
    probes: int
    found: int


def contamination_matrix(scans: Sequence[Scan], *, title: str) -> str:
    """Draw owners by places: findings in strong colour, clean cells with their probe counts, unsearched cells hatched.

    With many owners, those without any finding and with every place searched share the last row.

    Args:
        scans: One per owner and place; pairs that are missing count as not searched.
    """
    places = list(dict.fromkeys(scan.place for scan in scans))
    rows = _rows(scans, places)
    total, probes = sum(scan.found for scan in scans), sum(scan.probes for scan in scans)
    # Rule of three: with 0 of n found, the true rate lies below 3/n at 95 % confidence.
    strength = f"; true rate below {number(300 / probes)} % (95 %)" if probes and not total else ""
    words = f"{number(total)} foreign secrets in {number(probes)} probes{strength}"
    step = (WIDTH - 24 - _LEFT) / max(len(places), 1)
    top = 90 if step >= _WIDE_COLUMN else 182
    bottom = top + _ROW * len(rows)
    svg = Svg(bottom + 44, title, words + ".", words)
    svg.text(24, top - 10, "owner of the secret", size=11, colour=MUTED)
    for column, place in enumerate(places):
        _heading(svg, place, _LEFT + step * column, top, step)
    for index, (owner, cells) in enumerate(rows):
        y = top + _ROW * index
        svg.text(_LEFT - 10, y + 16, shorten(owner, 26), anchor="end", colour=INK, hover=owner)
        for column, scan in enumerate(cells):
            _cell(svg, scan, _LEFT + step * column, y, step)
    svg.text(
        _LEFT,
        bottom + 26,
        "number: foreign secrets found · /n: clean, n probes · hatched: nobody looked",
        size=11,
        colour=MUTED,
    )
    return svg.render()


def _rows(scans: Sequence[Scan], places: Sequence[str]) -> list[tuple[str, list[Scan]]]:
    owners = list(dict.fromkeys(scan.owner for scan in scans))
    by_key = {(scan.owner, scan.place): scan for scan in scans}
    rows = [(owner, [by_key.get((owner, place), Scan(owner, place, 0, 0)) for place in places]) for owner in owners]
    if len(rows) <= _MOST_ROWS:
        return rows
    rows.sort(key=lambda row: (-sum(scan.found for scan in row[1]), -sum(scan.probes == 0 for scan in row[1])))
    shown, rest = rows[: _MOST_ROWS - 1], rows[_MOST_ROWS - 1 :]
    notable = [row for row in rows if any(scan.found or not scan.probes for scan in row[1])]
    if len(notable) < len(shown):
        shown, rest = notable, rows[len(notable) :]
    name = f"{len(rest)} other owners"
    return [*shown, (name, [_together(name, [row[1][column] for row in rest]) for column in range(len(places))])]


def _together(name: str, scans: Sequence[Scan]) -> Scan:
    """Several owners in one place; not searched when one of them was not."""
    probes = [scan.probes for scan in scans]
    return Scan(name, scans[0].place, sum(probes) if all(probes) else 0, sum(scan.found for scan in scans))


def _heading(svg: Svg, place: str, x: float, top: float, step: float) -> None:
    if step >= _WIDE_COLUMN:
        svg.text(x + step / 2, top - 10, shorten(place, int(step / 6.4)), size=11, anchor="middle", hover=place)
    else:
        svg.text(x + step / 2 + 4, top - 8, shorten(place, 20), size=11, turned=True, hover=place)


def _cell(svg: Svg, scan: Scan, x: float, y: float, step: float) -> None:
    middle, base = x + step / 2, y + 16
    if scan.found:
        words = f"{scan.owner}: {scan.found} found in {scan.place} ({scan.probes} probes)"
        svg.rectangle(x + 1, y + 1, step - 2, _ROW - 2, fill=VERMILLION, round_by=3, hover=words)
        svg.text(middle, base, number(scan.found), anchor="middle", colour="#fff", weight="700", hover=words)
    elif scan.probes:
        words = f"{scan.owner}: none found in {scan.place} ({scan.probes} probes)"
        svg.rectangle(x + 1, y + 1, step - 2, _ROW - 2, fill=_CLEAN, round_by=3, hover=words)
        svg.text(middle, base, f"/{_short(scan.probes)}", size=11, anchor="middle", colour=MUTED, hover=words)
    else:
        words = f"{scan.owner}: nobody looked in {scan.place}"
        svg.rectangle(x + 1, y + 1, step - 2, _ROW - 2, fill="#fff", edge=GRID, round_by=3, hover=words)
        for at in range(0, int(step - 10), 8):
            svg.line(x + 3 + at, y + _ROW - 4, x + 9 + at, y + 4, colour=OTHERS)


def _short(count: int) -> str:
    return (
        number(count) if count < 10_000 else f"{count / 1000:,.0f}k" if count < 10_000_000 else f"{count / 1e6:,.0f}M"
    )
