"""Work that takes memory."""

from __future__ import annotations

import time

from reference_platform.agents.inside.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MEGABYTE = 1_000_000
_BREATH = 0.0001
"""Seconds after each megabyte, in which the process can hear that its work was cancelled."""


def block(size: int) -> bytearray:
    """Memory that really exists: every byte has been written.

    Args:
        size: Bytes.
    """
    return bytearray(b"\x5a") * size


def take(work: Work, megabytes: float) -> list[bytearray]:
    """Take memory, one megabyte after another.

    Args:
        work: Checked after each megabyte.
        megabytes: How much.
    """
    size = int(megabytes * MEGABYTE)
    blocks = []
    while size > 0:
        blocks.append(block(min(size, MEGABYTE)))
        size -= MEGABYTE
        work.check()
    return blocks


def memory(work: Work) -> dict[str, Any]:
    """Take memory, hold it, free it."""
    blocks = take(work, work.arguments["megabytes"])
    work.sleep(work.get("seconds", 0))
    blocks.clear()
    return {}


def memory_pressure(work: Work) -> dict[str, Any]:
    """Take memory as quickly as possible, free it all, and begin again, until the time is over."""
    end = time.monotonic() + work.get("seconds", 10)
    limit = int(work.arguments["megabytes"] * MEGABYTE)
    blocks: list[bytearray] = []
    while time.monotonic() < end:
        if len(blocks) * MEGABYTE >= limit:
            blocks.clear()
        blocks.append(block(min(limit, MEGABYTE)))
        time.sleep(_BREATH)
        work.check()
    return {}
