"""Ids of requests: unique in the whole run, or equal in every session."""

from __future__ import annotations

import itertools
from collections.abc import Callable

_WHOLE_NUMBERS = itertools.count(1)


def unique_ids(session: str, integers: bool) -> Callable[[], str]:
    """Ids that no other session of this engine uses."""
    if integers:
        return lambda: str(next(_WHOLE_NUMBERS))
    numbers = itertools.count(1)
    return lambda: f"{session}.{next(numbers)}"


def equal_ids() -> Callable[[], str]:
    """Ids that every other session uses too: 1, 2, 3 ... as real clients do.

    Unique ids would hide platforms that route an answer by the id of its request alone.
    """
    numbers = itertools.count(1)
    return lambda: str(next(numbers))
