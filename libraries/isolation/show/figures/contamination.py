"""The contamination matrix of the log: whose secrets, where, seen by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from isolation.record.secrets.searches import Finding, Search
from isolation.record.tenants import TenantNames
from isolation.show.charts.contamination_matrix import Scan, contamination_matrix

_MOST_SEERS = 5


class Searched(Protocol):
    """A record with searches."""

    @property
    def tenants(self) -> TenantNames:
        """Everybody whose secrets were looked for."""

    @property
    def searches(self) -> list[Search]:
        """What was searched."""


def matrix_of_searches(record: Searched, **subject: object) -> str:
    """Owners by places; the place that the sentence names alone, where it names one."""
    kind = subject.get("kind")
    return matrix_chart([one for one in record.searches if kind in (None, one.kind)], list(record.tenants))


def matrix_chart(searches: Sequence[Search], owners: Sequence[str]) -> str:
    """Owners by places; a place where something was found has one column for each of those who saw most.

    All owners of whom nothing was found share one row: a probe looks for everybody's secrets at once, and counting it
    once per owner would make the result look stronger than it is.

    Args:
        owners: Everybody whose secrets were looked for.
    """
    leaking = list(dict.fromkeys(finding.owner_tenant for search in searches for finding in search.findings))
    clean = f"{len(set(owners) - set(leaking))} tenants"
    scans = [scan for search in searches for owner in [*leaking, clean] for scan in _row(search, owner)]
    title = "Secrets were seen by somebody else" if leaking else "Nobody's secrets were seen by anybody else"
    return contamination_matrix(scans, title=title) if scans else ""


def _row(search: Search, owner: str) -> list[Scan]:
    """One owner in one place, by those who saw."""
    everybody = Counter(_seer(finding) for finding in search.findings)
    most = [seer for seer, _ in everybody.most_common(_MOST_SEERS)]
    found = Counter(_seer(finding) for finding in search.findings if finding.owner_tenant == owner)
    columns = [Scan(owner, f"{search.kind}: {seer}", search.probes, found[seer]) for seer in most]
    if len(everybody) > len(most):
        rest = found.total() - sum(found[seer] for seer in most)
        columns.append(Scan(owner, f"{search.kind}: others", search.probes, rest))
    return columns or [Scan(owner, search.kind, search.probes, 0)]


def _seer(finding: Finding) -> str:
    return finding.seen_by_tenant or "everybody"
