"""What is counted exactly, and waiting until a platform has come to rest, so that what is counted is what stays."""

from __future__ import annotations

import time
from collections.abc import Sequence

from isolation.drive.platform.tenants import TenantAgent
from isolation.record.holdings import Holdings
from registry_keywords.scene import count

_PAUSE = 0.1
_LONGEST = 4.0
_GATEWAY_HANDLES = "handles of the gateway"
_COUNTED = (
    "agent processes",
    "agents",
    "sessions",
    "subscriptions",
    "buffers",
    "leases",
    "tasks",
    "rows of agents",
    "keys",
    "files",
    _GATEWAY_HANDLES,
)
"""What has to be back to the number before, exactly, after every cycle."""


def counted(holdings: Holdings) -> dict[str, int]:
    """The number of every kind of thing that a session takes and has to give back.

    Connections of the pool are the platform's own: they come and go with its load and are no handles of anybody's.
    """
    everything = holdings.everything()
    numbers = {kind: everything.get(kind, 0) for kind in _COUNTED}
    return {**numbers, _GATEWAY_HANDLES: numbers[_GATEWAY_HANDLES] - holdings.counts.get("pool_size", 0)}


def settled(of: Sequence[TenantAgent] | None = None) -> Holdings:
    """Count until two counts in a row agree, at most four seconds long.

    Args:
        of: Whose rows, keys and files are counted; everybody's when not given.

    Returns:
        The last count. A platform that never rests shows in what is judged.
    """
    deadline = time.monotonic() + _LONGEST
    before = count(of)
    while time.monotonic() < deadline:
        time.sleep(_PAUSE)
        now = count(of)
        if counted(now) == counted(before):
            return now
        before = now
    return before
