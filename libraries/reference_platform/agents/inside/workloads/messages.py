"""Work that talks."""

from __future__ import annotations

import time

from reference_platform.agents.inside.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def messages(work: Work) -> dict[str, Any]:
    """Send a number of progress events."""
    text = text_of(work, work.get("bytes", 100))
    for number in range(1, work.arguments["count"] + 1):
        work.progress(number, text)
        work.check()
    return {}


def message_flood(work: Work) -> dict[str, Any]:
    """Send progress events as quickly as possible."""
    end = time.monotonic() + work.get("seconds", 10)
    text = text_of(work, work.get("bytes", 200))
    count = 0
    while time.monotonic() < end:
        count += 1
        work.progress(count, text)
        work.check()
    return {"count": count}


def text_of(work: Work, size: int) -> str:
    """A text of that many bytes which tells whose it is."""
    own = work.agent.identity["agent_id"] + " "
    return (own * (size // len(own) + 1))[:size]
