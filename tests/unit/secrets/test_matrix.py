"""The matrix shows every probe once when nothing was found, and owner, place and seer of what was."""

from __future__ import annotations

import re

from isolation.record.secrets.searches import Finding, Search
from isolation.show.figures.contamination import matrix_chart

OWNERS = [f"tenant-{number:02d}" for number in range(1, 101)]


def finding(owner: str, seer: str) -> Finding:
    return Finding(owner, "user", "a place", seer, "user", "plain", 1.0, "…")


def words(*searches: Search) -> str:
    return re.sub(r"<[^>]+>", " ", matrix_chart(searches, OWNERS))


def test_probes_are_not_multiplied_by_owners() -> None:
    shown = words(Search("frames", probes=1000))
    assert "0 foreign secrets in 1,000 probes; true rate below 0.3 %" in shown and "100 tenants" in shown


def test_a_finding_shows_owner_place_and_seer_and_counts_once() -> None:
    leaks = [finding("tenant-01", "tenant-02"), finding("tenant-01", ""), finding("tenant-05", "tenant-02")]
    shown = words(Search("frames", probes=7), Search("Redis", probes=30, findings=tuple(leaks)))
    assert "3 foreign secrets" in shown and "98 tenants" in shown
    for part in ("Redis: tenant-02", "Redis: everybody", "tenant-01: 1 found in Redis: everybody", "Secrets were seen"):
        assert part in shown


def test_many_seers_share_a_column() -> None:
    leaks = [finding("tenant-01", f"tenant-{number:02d}") for number in range(2, 12)]
    shown = words(Search("frames", probes=30, findings=tuple(leaks)))
    assert "10 foreign secrets" in shown and "frames: others" in shown
