"""No user asks more often than the target allows; whoever need not wait leaves at once, with all others."""

from __future__ import annotations

import asyncio

from isolation.drive.session.pace import Pace


def test_all_leave_now_while_nobody_has_to_wait() -> None:
    pace = Pace(3)
    assert pace.take_now(["ann", "bob", "ann"])
    assert pace.take_now(["ann", "bob"])
    assert not pace.take_now(["ann"]), "the fourth within a minute"
    assert pace.take_now(["bob"])


def test_when_one_has_to_wait_nobody_is_counted() -> None:
    pace = Pace(2)
    assert not pace.take_now(["ann", "bob", "bob", "bob"])
    assert pace.take_now(["ann", "ann", "bob", "bob"])


def test_turns_and_common_leaving_are_counted_together() -> None:
    pace = Pace(2)
    asyncio.run(pace.turn("ann"))
    assert not pace.take_now(["ann", "ann"])
    assert pace.take_now(["ann"])


def test_without_a_limit_nothing_is_counted() -> None:
    assert Pace(None).take_now(["ann"] * 1_000)
