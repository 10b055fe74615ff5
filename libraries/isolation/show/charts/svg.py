"""A small SVG drawing: self-contained, the same in a light and in a dark page (it brings its own white ground).

Only presentation attributes are used: a ``<style>`` element inside a log would restyle the whole page, and an ``id``
would have to be unique among all charts of a log. matplotlib was not taken: it adds 50 MB to an installation and
150 kB of paths to each chart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from isolation.record import Limit
from isolation.record.numbers import number
from isolation.show.charts.scales import Point, Scale
from isolation.show.numbers import limit_words
from isolation.show.text import escape

WIDTH = 860

INK = "#1f2933"
MUTED = "#5b6675"
GRID = "#e6e9ee"
OTHERS = "#b9c1cc"
# Okabe and Ito's palette keeps apart for readers with any common kind of colour blindness.
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#B0578D", "#C98500", "#56B4E9"
PALETTE = (VERMILLION, BLUE, PURPLE, GREEN, ORANGE, SKY)
CHARACTER = 0.56
"""Average width of a character as a share of the font size."""


class Svg:
    """A drawing of ``WIDTH`` pixels by a given height, with its title written at the top left.

    Args:
        height: Pixels.
        title: The claim or the subject, shown and read out.
        description: One sentence for those who hear the page instead of seeing it.
        subtitle: A second, muted line under the title.
    """

    def __init__(self, height: float, title: str, description: str, subtitle: str = "") -> None:
        self._height = height
        self._head = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        self._label = escape(title)
        self._parts: list[str] = []
        self.text(20, 28, title, size=15, weight="600")
        if subtitle:
            self.text(20, 47, subtitle, colour=MUTED)

    def text(
        self, x: float, y: float, content: str, *, size: float = 12, colour: str = INK, anchor: str = "start",
        weight: str = "", halo: bool = False, turned: bool = False, hover: str = "",
    ) -> None:  # fmt: skip
        """Write text with its base line at ``y``; ``halo`` keeps it readable over lines."""
        extra = f' font-weight="{weight}"' if weight else ""
        extra += ' stroke="#fff" stroke-width="4" stroke-linejoin="round" paint-order="stroke"' if halo else ""
        extra += f' transform="rotate(-90 {_n(x)} {_n(y)})"' if turned else ""
        extra += f' text-anchor="{anchor}"' if anchor != "start" else ""
        self._add(
            "text", f'x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{colour}"{extra}', escape(content), hover
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, colour: str = INK, width: float = 1, dash: str = "",
        hover: str = "",
    ) -> None:  # fmt: skip
        """Draw a straight line."""
        extra = f' stroke-dasharray="{dash}"' if dash else ""
        where = f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
        self._add("line", f'{where} stroke="{colour}" stroke-width="{_n(width)}"{extra}', "", hover)

    def rectangle(
        self, x: float, y: float, width: float, height: float, *, fill: str, edge: str = "", round_by: float = 0,
        opacity: float = 1, hover: str = "",
    ) -> None:  # fmt: skip
        """Draw a filled rectangle; ``edge`` is the colour of its outline."""
        extra = f' rx="{_n(round_by)}"' if round_by else ""
        extra += f' stroke="{edge}"' if edge else ""
        extra += f' fill-opacity="{_n(opacity)}"' if opacity < 1 else ""
        where = f'x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 0))}" height="{_n(max(height, 0))}"'
        self._add("rect", f'{where} fill="{fill}"{extra}', "", hover)

    def dot(self, x: float, y: float, radius: float, *, fill: str, edge: str = "#fff", hover: str = "") -> None:
        """Draw a filled circle with an outline."""
        where = f'cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"'
        self._add("circle", f'{where} fill="{fill}" stroke="{edge}" stroke-width="1.5"', "", hover)

    def curve(
        self, points: Iterable[Point], *, colour: str, width: float = 1.5, dash: str = "", fill: str = "none",
        opacity: float = 1, hover: str = "",
    ) -> None:  # fmt: skip
        """Draw a line through points (pixels), or a filled area when ``fill`` is a colour."""
        path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        extra = f' stroke-dasharray="{dash}"' if dash else ""
        extra += f' opacity="{_n(opacity)}"' if opacity < 1 else ""
        stroke = f'stroke="{colour}" stroke-width="{_n(width)}" stroke-linejoin="round"'
        self._add("path", f'd="{path}" fill="{fill}" {stroke}{extra}', "", hover)

    def x_axis(self, scale: Scale, y: float, top: float, values: Sequence[float], label: str) -> None:
        """Draw vertical grid lines from ``y`` up to ``top``, the tick values and the label of the axis."""
        for value in values:
            self.line(scale(value), y, scale(value), top, colour=GRID)
            self.text(scale(value), y + 17, number(value), size=11, colour=MUTED, anchor="middle")
        self.line(scale.start, y, scale.end, y, colour=OTHERS)
        self.text((scale.start + scale.end) / 2, y + 36, label, colour=MUTED, anchor="middle")

    def y_axis(self, scale: Scale, x: float, right: float, values: Sequence[float], label: str) -> None:
        """Draw horizontal grid lines from ``x`` to ``right``, the tick values and the turned label of the axis."""
        for value in values:
            self.line(x, scale(value), right, scale(value), colour=GRID)
            self.text(x - 8, scale(value) + 4, number(value), size=11, colour=MUTED, anchor="end")
        self.text(22, (scale.start + scale.end) / 2, label, colour=MUTED, anchor="middle", turned=True)

    def limit_across(self, scale: Scale, x: float, right: float, limit: Limit, name: str = "limit") -> None:
        """Draw a horizontal limit line with its value, unit and, on hover, its source."""
        y = scale(limit.value)
        self.line(x, y, right, y, width=1.5, dash="6 4", hover=f"{name} {limit}")
        self.text(x + 6, y - 6, f"{name} {limit_words(limit)}", weight="600", halo=True, hover=limit.source)

    def limit_down(self, scale: Scale, y: float, top: float, limit: Limit, name: str = "limit") -> None:
        """Draw a vertical limit line with its value and unit above it."""
        x = scale(limit.value)
        self.line(x, y, x, top, width=1.5, dash="6 4", hover=f"{name} {limit}")
        self.text(
            x, top - 6, f"{name} {limit_words(limit)}", weight="600", anchor=near_edge(x), halo=True, hover=limit.source
        )

    def render(self) -> str:
        """The finished ``<svg>`` element, to be put into a page or a file as it is."""
        size = f'width="{WIDTH}" height="{_n(self._height)}" viewBox="0 0 {WIDTH} {_n(self._height)}"'
        style = "max-width:100%;height:auto;background:#fff;border-radius:10px;font-family:system-ui,sans-serif"
        ground = f'<rect width="{WIDTH}" height="{_n(self._height)}" rx="10" fill="#fff"/>'
        opening = (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{self._label}" {size} style="{style}">'
        )
        return f"{opening}{self._head}{ground}{''.join(self._parts)}</svg>"

    def _add(self, tag: str, attributes: str, content: str, hover: str) -> None:
        inside = (f"<title>{escape(hover)}</title>" if hover else "") + content
        self._parts.append(f"<{tag} {attributes}>{inside}</{tag}>" if inside else f"<{tag} {attributes}/>")


def near_edge(x: float) -> str:
    """Which end of a text to put at ``x`` so that it stays inside the drawing."""
    return "end" if x > WIDTH - 130 else "start" if x < 90 else "middle"


def text_width(content: str, size: float = 12) -> float:
    """Roughly how many pixels a text takes."""
    return len(content) * size * CHARACTER


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))
