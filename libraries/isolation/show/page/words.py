"""How words stand on the page: ids and numbers stay in one piece, long reasons end where a thought ends, dates read as dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from markupsafe import Markup
from markupsafe import escape as escaped

from isolation.show.text import shorten

_ID = re.compile(r"\b(?:RI|CS|AR|TM|OP)-\d{1,2}\b")
_WITH_UNIT = re.compile(r"(?<=\d) (?=(?:%|(?:s|ms|min|MB|GB|kB|x|of)\b))|(?<=[<≤>≥=]) (?=-?\d)")
_IN_BRACKETS = re.compile(r"(?<=\[)[-\d][^\[\]]{0,40}(?=\])")
_REFERENCE = re.compile(r"\s*See evidence [A-Z]{2}-\d{1,2}\.$")
_FEWEST = 0.5
"""A cut text keeps at least this share of what it may be long."""


def unbroken(text: str) -> Markup:
    """The text, safe, with ids and numbers that do not end at a line's end."""
    spaced = _WITH_UNIT.sub("\u00a0", str(text))
    spaced = _IN_BRACKETS.sub(lambda found: found.group().replace(" ", "\u00a0"), spaced)
    return Markup(_ID.sub(r'<span class="nb">\g<0></span>', str(escaped(spaced))))


def reason_in_short(text: str, length: int) -> str:
    """A reason on one line, without what the page says anyway, cut where a clause ends when it is too long."""
    line = _REFERENCE.sub("", " ".join(text.split()))
    if len(line) <= length:
        return line
    ends = [match.end() for match in re.finditer(r"[.;:]\s|\)\s", line[:length])]
    best = max((end for end in ends if end >= _FEWEST * length), default=0)
    cut = line[:best] if best else shorten(line, length - 2).removesuffix("…")
    if (opened := cut.rfind("(")) > cut.rfind(")"):
        cut = cut[:opened]
    return cut.rstrip(" ;:,(") + " …"


def ranges(ids: Sequence[str]) -> list[tuple[str, str]]:
    """Ids as a reader says many of them: the first of each range, and its words, such as ``RI-1 to RI-7``.

    Args:
        ids: In the order of the catalogue.
    """
    runs: list[list[str]] = []
    for name in ids:
        if runs and _next_of(runs[-1][-1]) == name:
            runs[-1].append(name)
        else:
            runs.append([name])
    words: list[tuple[str, str]] = []
    for run in runs:
        words += [(run[0], f"{run[0]} to {run[-1]}")] if len(run) > 2 else [(name, name) for name in run]
    return words


def moment(iso: str) -> str:
    """Such as ``2026-11-29 12:36 UTC``; what is no moment stays as it is."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    zone = "UTC" if at.utcoffset() == UTC.utcoffset(None) else at.strftime("%z")
    return f"{at:%Y-%m-%d %H:%M} {zone}".rstrip()


def _next_of(name: str) -> str:
    prefix, _, digits = name.rpartition("-")
    return f"{prefix}-{int(digits) + 1}" if digits.isdecimal() else ""
