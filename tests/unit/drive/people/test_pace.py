"""Nobody asks more often than the target allows."""

from __future__ import annotations

import asyncio
import time

import pytest

from isolation.drive.session.pace import Pace, longest_wait_s


def test_where_nothing_is_said_nobody_waits() -> None:
    assert longest_wait_s(None, ["ann"] * 1_000) == 0


def test_the_user_who_asks_most_waits_longest() -> None:
    assert longest_wait_s(30, ["ann"] * 61 + ["ben"]) == 3 * longest_wait_s(30, ["ben"])


@pytest.mark.asyncio
async def test_a_user_waits_and_another_does_not() -> None:
    pace = Pace(2)
    for _ in range(2):
        await pace.turn("ann")
    began = time.monotonic()
    await pace.turn("ben")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pace.turn("ann"), 0.05)
    assert time.monotonic() - began < 10
