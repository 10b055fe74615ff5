"""Tables that several tenants share and that do not keep them apart by themselves."""

from __future__ import annotations

from isolation.judge.data.shared_tables import judge_shared_tables
from isolation.record import Verdict
from isolation.record.access.database_looks import SharedTable

GOOD = SharedTable("platform.history", 100, True, True)


def test_forced_row_security_everywhere_passes() -> None:
    assert judge_shared_tables("CS-5", [GOOD]).verdict is Verdict.PASS


def test_a_table_without_force_or_without_any_is_named() -> None:
    found = judge_shared_tables("CS-5", [GOOD, SharedTable("a", 2, True, False), SharedTable("b", 2, False, False)])
    assert (found.verdict, found.value) == (Verdict.FAIL, 2)
    assert "'a (not forced)' and 'b (none)'" in found.reason


def test_no_shared_table_is_not_decided() -> None:
    assert judge_shared_tables("CS-5", []).verdict is Verdict.INCONCLUSIVE
