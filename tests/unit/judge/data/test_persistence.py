"""Saved things: kept, unaltered, one's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.data.persistence import (
    judge_foreign_writes,
    judge_kept,
    judge_role_reads,
)
from isolation.record import Measurement, Verdict
from isolation.record.concurrent_startup.persistence import ForeignWrite, RoleRead, SavedItem
from isolation.record.measurements import worst
from unit.judge.judge_histories import by_metric

SAVED = [SavedItem(f"acme-{n}", f"user-{n}", "preference", "theme", f"digest-{n}") for n in range(4)]


def kept(*read: SavedItem) -> list[Measurement]:
    return judge_kept("CS-5", "a restart of the platform", SAVED, read)


def only_failure(found: list[Measurement]) -> Measurement:
    (bad,) = [m for m in found if m.verdict is Verdict.FAIL]
    return bad


def test_what_was_saved_and_is_read_back_passes() -> None:
    found = kept(*SAVED)
    assert worst(found) is Verdict.PASS
    assert "0 of 4 items were lost after a restart of the platform" in found[0].reason


def test_a_lost_item_is_named() -> None:
    bad = only_failure(kept(*SAVED[1:]))
    assert bad.metric.startswith("lost") and bad.tenants == ("acme-0",)
    assert "preference 'theme' of 'user-0'" in bad.reason


def test_an_altered_item_is_named() -> None:
    bad = only_failure(kept(replace(SAVED[0], digest="other"), *SAVED[1:]))
    assert bad.metric.startswith("altered") and "'user-0'" in bad.reason


@pytest.mark.parametrize(
    "foreign", [replace(SAVED[0], digest="digest-3"), replace(SAVED[0], key="extra", digest="digest-3")]
)
def test_a_foreign_item_is_named_with_reader_and_owner(foreign: SavedItem) -> None:
    rest = SAVED[1:] if foreign.key == "theme" else SAVED
    bad = only_failure(kept(foreign, *rest))
    assert bad.metric.startswith("foreign") and bad.tenants == ("acme-0", "acme-3")
    assert "'user-3' of tenant 'acme-3'" in bad.reason


def test_an_item_that_nobody_saved_is_altered_state() -> None:
    assert only_failure(kept(*SAVED, replace(SAVED[0], key="ghost", digest="ghost"))).metric.startswith("altered")


def test_nothing_saved_and_nothing_read_fail() -> None:
    assert {m.verdict for m in judge_kept("CS-5", "a reconnect", [], [])} == {Verdict.FAIL}
    assert by_metric(kept(), "lost").value == 4


READ = RoleRead("acme-0", "state", 5, 0, "", 5)


def test_a_role_that_sees_its_own_rows_only_passes() -> None:
    assert worst(judge_role_reads("CS-5", [READ, replace(READ, tenant="acme-1")])) is Verdict.PASS


def test_a_role_that_sees_a_foreign_row_fails_with_both_names() -> None:
    bad = judge_role_reads("CS-5", [READ, replace(READ, tenant="acme-1", foreign_rows=2, foreign_owner="acme-0")])[0]
    assert (bad.verdict, bad.value, bad.tenants) == (Verdict.FAIL, 2, ("acme-1", "acme-0"))


@pytest.mark.parametrize(
    "blind", [replace(READ, own_rows=0), replace(READ, own_rows=None), replace(READ, expected_own=0)]
)
def test_a_role_that_sees_nothing_at_all_proves_nothing(blind: RoleRead) -> None:
    found = judge_role_reads("CS-5", [READ, blind])
    assert [m.verdict for m in found] == [Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE]
    assert judge_role_reads("CS-5", [])[0].verdict is Verdict.FAIL


WRITE = ForeignWrite("acme-1", "acme-0", "state_put", False, True)


def test_a_foreign_write_without_effect_passes_and_with_effect_fails() -> None:
    assert judge_foreign_writes("CS-5", [WRITE]).verdict is Verdict.PASS
    bad = judge_foreign_writes("CS-5", [WRITE, replace(WRITE, changed=True)])
    assert (bad.verdict, bad.tenants) == (Verdict.FAIL, ("acme-1", "acme-0"))
    assert "'acme-1' changed 'state_put' of tenant 'acme-0'" in bad.reason


def test_a_foreign_write_that_nobody_could_check_decides_nothing() -> None:
    assert judge_foreign_writes("CS-5", [replace(WRITE, changed=None)]).verdict is Verdict.INCONCLUSIVE
    assert judge_foreign_writes("CS-5", [replace(WRITE, owner_could=False)]).verdict is Verdict.INCONCLUSIVE
    assert judge_foreign_writes("CS-5", []).verdict is Verdict.FAIL
