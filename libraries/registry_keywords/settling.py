"""Waiting until a platform has come to rest, so that what is counted is what stays and not what is on its way out."""

from __future__ import annotations

import time

from isolation.record.holdings import Holdings
from registry_keywords.scene import count

_PAUSE = 0.15
_LONGEST = 4.0


def settled() -> Holdings:
    """Count until two counts in a row agree, at most four seconds long.

    Returns:
        The last count. A platform that never rests shows in what is judged.
    """
    deadline = time.monotonic() + _LONGEST
    before = count()
    while time.monotonic() < deadline:
        time.sleep(_PAUSE)
        now = count()
        if now.everything() == before.everything():
            return now
        before = now
    return before
