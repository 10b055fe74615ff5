"""By how much the platform's clock differs from ours: tokens are judged by its clock."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

from isolation.drive.channels.channel import Refused
from isolation.drive.session.access import Access

_WITHIN_S = 5.0
_EXACT_TO_S = 1.0
"""A header ``Date`` says whole seconds."""


async def clock_difference(access: Access) -> float | None:
    """Seconds by which the platform's clock is ahead; 0 when it agrees as exactly as can be seen, None when it cannot be seen."""
    for address in access.doors.values():
        url = address.replace("wss://", "https://", 1).replace("ws://", "http://", 1)
        if not url.startswith("http"):
            continue
        before = time.time()
        try:
            reply = await access.http.call("GET", url, {}, timeout_s=_WITHIN_S)
            date = next((value for name, value in reply.headers if name.lower() == "date"), "")
            told = parsedate_to_datetime(date).timestamp()
        except (Refused, TimeoutError, OSError, ValueError, TypeError):
            continue
        after = time.time()
        if before - _EXACT_TO_S <= told <= after + _EXACT_TO_S:
            return 0.0
        return told + _EXACT_TO_S / 2 - (before + after) / 2
    return None
