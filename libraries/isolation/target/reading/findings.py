"""What a check finds, and how a wrong name is answered."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from isolation.target.reading.yaml_lines import Place

Finding = tuple[Place, str]
"""Where something is wrong, and what is wrong and would be right."""
_MOST = 14


def meant(name: str, known: Iterable[str]) -> str:
    """A word that is close to a wrong one, in brackets, or nothing."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f" (did you mean '{near[0]}'?)" if near else ""


def listed(known: Iterable[str]) -> str:
    """What there is, in short."""
    names = sorted(known)
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"there are {', '.join(names[:_MOST])}{more}" if names else "there are none"
