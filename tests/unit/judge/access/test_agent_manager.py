"""Clean-ups of the agent manager: whoever got in is closed, a stranger too."""

from __future__ import annotations

from isolation.judge.access.agent_manager import judge_clean_up, judge_connecting
from isolation.record import Verdict
from isolation.record.agent_manager import AgentIdentity, AgentManagerRecord, CleanUpDone
from isolation.record.limits import Limits

LIMITS = Limits({}, "promise TM-3")
GOOD = tuple(AgentIdentity(f"tenant-{n:02d}", f"t{n}", f"u{n}", f"c{n}", "ws://a") for n in range(1, 11))


def recorded(connected: tuple[str, ...], closed: int) -> AgentManagerRecord:
    return AgentManagerRecord(
        agents=GOOD,
        tried_counts=(),
        connected=connected,
        stranger="stranger",
        clean_ups=(CleanUpDone(closed, ()), CleanUpDone(0, ()), CleanUpDone(0, ())),
        sessions_before=10,
        sessions_after=0,
    )


def test_a_stranger_who_got_in_is_closed_like_everybody_and_reported_where_it_belongs() -> None:
    names = (*(one.name for one in GOOD), "stranger")
    cleaned = judge_clean_up("TM-3", recorded(names, 11), LIMITS)[0]
    assert cleaned.verdict is Verdict.PASS
    assert "closed 11 of 11 sessions" in cleaned.reason
    assert judge_connecting("TM-2", recorded(names, 11), LIMITS)[0].verdict is Verdict.FAIL


def test_a_session_that_stays_open_is_left() -> None:
    names = tuple(one.name for one in GOOD)
    assert judge_clean_up("TM-3", recorded(names, 10), LIMITS)[0].verdict is Verdict.PASS
    assert judge_clean_up("TM-3", recorded(names, 9), LIMITS)[0].verdict is Verdict.FAIL
