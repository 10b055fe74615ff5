"""The contamination matrix of the log: whose secrets, where, seen by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from contamination.searching import Search
from isolation.show.charts.contamination_matrix import Scan, contamination_matrix

_MOST_SEERS = 5


def matrix_chart(searches: Sequence[Search], owners: Sequence[str], title: str) -> str:
    """Owners by places; where something was found, one more column for each of those who saw most.

    Args:
        searches: What was searched so far.
        owners: Everybody whose secrets were looked for.
        title: The claim that the chart supports.
    """
    scans: list[Scan] = []
    for search in searches:
        found = Counter(finding.owner_tenant for finding in search.seen.findings)
        everybody = list(dict.fromkeys([*owners, *found]))
        scans += [Scan(owner, search.kind, search.seen.probes, found[owner]) for owner in everybody]
        seers = Counter(finding.seen_by_tenant or "everybody" for finding in search.seen.findings)
        for seer, _ in seers.most_common(_MOST_SEERS):
            seen = Counter(f.owner_tenant for f in search.seen.findings if (f.seen_by_tenant or "everybody") == seer)
            scans += [Scan(owner, f"{search.kind}: {seer}", search.seen.probes, seen[owner]) for owner in everybody]
    return contamination_matrix(scans, title=title)
