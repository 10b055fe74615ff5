"""From openings and operations to starts: each phase from its own times, and the step at which a chain broke."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.drive.load.engine import Connected
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.session.opening import Opening
from isolation.record import Operation, Outcome, ProcessRef
from isolation.record.concurrent_startup.startup import Startup
from isolation.scenarios.concurrent_startup.startup import profile_of, starts_of

AGENTS = [TenantAgent(f"user-{n}", f"t{n}", f"u{n}", "standard") for n in (1, 2)]
TEXTS = ["hello from 1", "hello from 2"]
OPENINGS = [Connected(f"user-{n}", Opening(0.2, 0.1, f"ses-{n}", 1, 100.0 + n)) for n in (1, 2)]
PROCESSES = [ProcessRef(f"user-{n}", f"u{n}", f"agt-{n}", 4000 + n, 1, "operator") for n in (1, 2)]


def first(number: int) -> Operation:
    return Operation(
        f"user-{number}", f"u{number}", f"user-{number}", f"c{number}", "report", 110.0, 110.0, 110.4, 111.0,
        Outcome.ANSWERED, agent=f"agt-{number}",
        kept={"profile": profile_of(number), "echo": TEXTS[number - 1]},
    )  # fmt: skip


PROFILES = {f"user-{n}": profile_of(n) for n in (1, 2)}
SAID = dict(zip(("user-1", "user-2"), TEXTS, strict=True))


def starts(firsts: dict[str, Operation], openings: list[Connected] | None = None) -> list[Startup]:
    return starts_of(AGENTS, openings or OPENINGS, PROFILES, SAID, firsts, PROCESSES)


GOOD = {"user-1": first(1), "user-2": first(2)}


def test_phases_count_from_the_burst_and_leave_the_waiting_for_one_another_out() -> None:
    one, two = starts(GOOD)
    assert [one.connect_s, two.connect_s] == pytest.approx([0.2, 1.2])
    assert [one.authenticate_s, one.initialise_s] == pytest.approx([0.1, 0.4])
    assert one.first_response_s == pytest.approx(0.6)
    assert one.total_s == pytest.approx(0.2 + 0.1 + 1.0)
    assert (one.agent, one.session_id, one.pid, one.succeeded, one.broke_at) == ("agt-1", "ses-1", 4001, True, "")


def test_the_context_is_the_profile_and_the_text_of_the_own_message() -> None:
    one, two = starts(GOOD)
    assert one.expected == one.answered
    assert one.expected["budget"] != two.expected["budget"]


def test_an_agent_that_the_operator_does_not_know_has_no_process() -> None:
    assert starts({**GOOD, "user-1": replace(first(1), agent="agt-9")})[0].pid is None


@pytest.mark.parametrize("step", ["connect", "authenticate"])
def test_who_could_not_connect_broke_off_there(step: str) -> None:
    one, _ = starts({"user-2": first(2)}, [Connected("user-1", None, "no", step), OPENINGS[1]])
    assert (one.succeeded, one.connect_s, one.total_s, one.broke_at) == (False, None, None, step)


def test_a_message_that_was_never_accepted_broke_off_at_the_start_of_the_agent() -> None:
    lost = replace(first(1), outcome=Outcome.TIMED_OUT, accepted_at=None, completed_at=None, kept={})
    assert starts({**GOOD, "user-1": lost})[0].broke_at.startswith("start of the agent: timed out")


def test_a_message_that_was_accepted_and_refused_broke_off_at_the_first_response() -> None:
    refused = replace(first(1), outcome=Outcome.REFUSED, code="agent_stopped", kept={})
    broken = starts({**GOOD, "user-1": refused})[0]
    assert (broken.broke_at, broken.answered) == ("first response: agent_stopped", None)


def test_where_no_profile_is_kept_the_text_of_the_own_message_is_the_context() -> None:
    one, _ = starts_of(AGENTS, OPENINGS, {}, SAID, GOOD, PROCESSES)
    assert one.expected == one.answered == {"echo": TEXTS[0]}


def test_the_text_of_another_user_is_found_anywhere_in_an_answer() -> None:
    swapped = replace(first(1), kept={"answer": {"deep": [f"you said: {TEXTS[1]}"]}})
    assert starts({**GOOD, "user-1": swapped})[0].foreign_owner == "user-2"
    assert starts(GOOD)[0].foreign_owner == ""


def test_no_two_users_have_the_same_budget() -> None:
    budgets = [profile_of(number)["budget"] for number in range(1, 1001)]
    assert len(set(budgets)) == 1000
