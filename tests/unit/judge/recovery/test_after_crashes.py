"""Residue by name, memory, and service after a crash."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from isolation.judge.recovery.after_crashes import (
    clean_from,
    judge_full_recovery,
    judge_looked_beside,
    judge_memory_back,
    judge_new_tenants,
    judge_residue,
    judge_served_at_once,
    judge_time_until_clean,
)
from isolation.record import Inventory, Measurement, Outcome, Thing, Verdict
from isolation.record.measurements import worst
from unit.judge.judge_histories import MB, at_least, at_most, below, by_metric, operation

OTHER = Thing("17 started 5", "beta-01")
BEFORE = Inventory(0, (OTHER,), (), (), (), (), (), (), 1000 * MB)
CLEAN = replace(BEFORE, at=40)
ORPHAN = Thing("4711 started 88123", "acme-09")
DIRTY = replace(BEFORE, at=40, processes=(OTHER, ORPHAN))
_SEEN = (Thing("a"), Thing("b"))
DURING = Inventory(20, (OTHER, *_SEEN), (), _SEEN, _SEEN, _SEEN, _SEEN, _SEEN, 1500 * MB)
KINDS = ["processes", "zombies", "sockets", "database_connections", "temp_files", "cache_keys", "cgroups"]


def with_kind(inventory: Inventory, kind: str, things: tuple[Thing, ...] | None) -> Inventory:
    changes: dict[str, Any] = {kind: things}
    return replace(inventory, **changes)


def _words(kind: str) -> str:
    return kind.replace("_", " ").replace("temp ", "temporary ")


def test_a_clean_inventory_passes_every_kind() -> None:
    found = judge_residue("RI-7", BEFORE, DURING, CLEAN)
    assert len(found) == 7
    assert worst(found) is Verdict.PASS


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_left_over_fails_by_name(kind: str) -> None:
    left = with_kind(CLEAN, kind, (*(CLEAN.processes or ()), ORPHAN))
    (bad,) = [m for m in judge_residue("RI-7", BEFORE, DURING, left) if m.verdict is Verdict.FAIL]
    assert "4711 started 88123 (acme-09)" in bad.reason
    assert "acme-09" in bad.tenants


@pytest.mark.parametrize("kind", KINDS)
def test_what_could_not_be_read_is_never_zero(kind: str) -> None:
    for before, after in ((BEFORE, with_kind(CLEAN, kind, None)), (with_kind(BEFORE, kind, None), CLEAN)):
        found = judge_residue("RI-7", before, DURING, after)
        assert worst(found) is Verdict.INCONCLUSIVE
        unread = [m.metric for m in found if m.verdict is Verdict.INCONCLUSIVE]
        # Zombies are looked for among the processes.
        assert unread[0] == f"{_words(kind)} left"
        assert unread[1:] == (["zombies left"] if kind == "processes" and before.processes is None else [])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "zombies"])
@pytest.mark.parametrize("seen", [(), None])
def test_what_was_not_seen_at_work_is_not_proven_to_be_gone(kind: str, seen: tuple[Thing, ...] | None) -> None:
    found = judge_residue("RI-7", BEFORE, with_kind(DURING, kind, seen), CLEAN)
    unproven = [m.metric for m in found if m.verdict is Verdict.INCONCLUSIVE]
    assert unproven == [f"{_words(kind)} left", *(["zombies left"] if kind == "processes" else [])]
    left = with_kind(CLEAN, kind, (OTHER, ORPHAN))
    assert worst(judge_residue("RI-7", BEFORE, with_kind(DURING, kind, seen), left)) is Verdict.FAIL


def test_how_much_was_seen_at_work_is_the_strength_of_zero() -> None:
    found = judge_residue("RI-7", BEFORE, DURING, CLEAN)
    assert {m.samples for m in found} == {2}
    assert by_metric(found, "sockets").reason.startswith(
        "0 sockets were left; 2 had been seen while the tenants worked;"
    )
    assert by_metric(found, "zombies").reason.startswith("0 zombies were left; 2 processes had been seen while")


def test_a_kind_that_the_target_does_not_have_is_left_out() -> None:
    unread = replace(CLEAN, cgroups=None)
    assert worst(judge_residue("RI-7", BEFORE, DURING, unread, ["cgroups"])) is Verdict.PASS


def memory_back(during_mb: int, after_mb: int | None) -> Measurement:
    after = replace(CLEAN, memory_bytes=None if after_mb is None else after_mb * MB)
    during = replace(DURING, memory_bytes=during_mb * MB)
    return judge_memory_back("RI-7", BEFORE, during, after, at_most(1.10, "x before"))


def test_memory_must_come_back_near_to_before() -> None:
    assert memory_back(1500, 1090).verdict is Verdict.PASS
    bad = memory_back(1500, 1200)
    assert bad.verdict is Verdict.FAIL and "1,200 MB" in bad.reason
    assert memory_back(1500, None).verdict is Verdict.INCONCLUSIVE


def test_memory_that_was_never_away_does_not_come_back() -> None:
    still = memory_back(1001, 1000)
    assert still.verdict is Verdict.INCONCLUSIVE and "nothing had to come back" in still.reason
    assert memory_back(1001, 1200).verdict is Verdict.FAIL, "what was measured above the limit accuses all the same"


def test_clean_counts_from_the_first_of_the_lasting_clean_inventories() -> None:
    looks = [replace(CLEAN, at=11), replace(DIRTY, at=12), replace(CLEAN, at=15), replace(CLEAN, at=20)]
    assert clean_from(BEFORE, looks) == 15
    found = judge_time_until_clean("RI-7", BEFORE, looks, 10, at_most(30))
    assert (found.verdict, found.value) == (Verdict.PASS, 5)


def test_clean_too_late_or_never_fails_with_what_is_left() -> None:
    late = judge_time_until_clean("RI-7", BEFORE, [DIRTY, replace(CLEAN, at=45)], 10, at_most(30))
    assert (late.verdict, late.value) == (Verdict.FAIL, 35)
    never = judge_time_until_clean("RI-7", BEFORE, [CLEAN, replace(DIRTY, at=50)], 10, at_most(30))
    assert never.verdict is Verdict.FAIL
    assert "40 s after the crash there were still 1 processes" in never.reason
    assert judge_time_until_clean("RI-7", BEFORE, [], 10, at_most(30)).verdict is Verdict.FAIL


def test_an_unread_kind_is_not_clean_and_does_not_fail_either() -> None:
    unread = [replace(CLEAN, sockets=None)]
    assert clean_from(BEFORE, unread) is None
    found = judge_time_until_clean("RI-7", BEFORE, unread, 10, at_most(30))
    assert found.verdict is Verdict.INCONCLUSIVE and found.reason.startswith("The sockets could not be read")
    both = [replace(DIRTY, sockets=None)]
    assert judge_time_until_clean("RI-7", BEFORE, both, 10, at_most(30)).verdict is Verdict.FAIL


def test_as_many_new_tenants_must_be_served() -> None:
    new = [f"new-{number}" for number in range(25)]
    served = [operation(tenant) for tenant in new]
    assert judge_new_tenants("RI-7", served, 25, new, at_least(95)).verdict is Verdict.PASS
    fewer = judge_new_tenants("RI-7", served[:20], 25, new, at_least(95))
    assert fewer.verdict is Verdict.FAIL and "20 of 25" in fewer.reason
    refused = [*served[:20], *(operation(t, outcome=Outcome.REFUSED, code="quota_exceeded") for t in new[20:])]
    bad = judge_new_tenants("RI-7", refused, 25, new, at_least(95))
    assert (bad.verdict, set(bad.tenants)) == (Verdict.FAIL, set(new[20:]))
    assert judge_new_tenants("RI-7", [], 25, new, at_least(95)).samples == 0
    assert judge_new_tenants("RI-7", served, 0, new, at_least(95)).verdict is Verdict.FAIL
    assert judge_new_tenants("RI-7", served[:5], 25, new[:5], at_least(95)).verdict is Verdict.FAIL


def test_new_tenants_are_served_as_soon_as_anybody() -> None:
    soon = [replace(operation(f"new-{number}"), intended_at=10.0, completed_at=10.2) for number in range(5)]
    assert judge_served_at_once("RI-7", soon, below(5)).verdict is Verdict.PASS
    late = judge_served_at_once("RI-7", [*soon, replace(soon[0], tenant="new-9", completed_at=20.0)], below(5))
    assert (late.verdict, late.value, late.tenants) == (Verdict.FAIL, 10.0, ("new-9",))
    assert judge_served_at_once("RI-7", [], below(5)).samples == 0


def test_full_recovery_is_the_later_of_clean_and_served() -> None:
    assert judge_full_recovery("RI-7", 10, 30, 50, below(120)).value == 40
    assert judge_full_recovery("RI-7", 10, 140, 50, below(120)).verdict is Verdict.FAIL
    assert judge_full_recovery("RI-7", 10, None, 50, below(120)).verdict is Verdict.FAIL
    assert judge_full_recovery("RI-7", 10, 30, None, below(120)).verdict is Verdict.FAIL


def test_left_overs_are_found_among_many_kinds() -> None:
    assert by_metric(judge_residue("RI-7", BEFORE, DURING, DIRTY), "processes").value == 1


def test_who_does_not_see_the_agents_beside_each_other_would_not_see_a_stranger() -> None:
    seen = judge_looked_beside("RI-7", 25, 25)
    assert seen.verdict is Verdict.PASS and seen.control
    assert judge_looked_beside("RI-7", 0, 25).verdict is Verdict.INCONCLUSIVE
    assert judge_looked_beside("RI-7", 24, 25).verdict is Verdict.INCONCLUSIVE
    assert judge_looked_beside("RI-7", 0, 0).verdict is Verdict.INCONCLUSIVE
