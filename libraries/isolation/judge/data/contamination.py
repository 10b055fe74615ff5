"""Whether anything of one tenant was seen by another (CS-2).

Principle: every probe looks at one thing (a frame, a row, a key, a line of a log, a part of a process's memory) that
one tenant can see, and asks whether it holds a marker of somebody else. A single finding is a FAIL. "None found" is
only as strong as the number of probes: the 95 % upper bound of the true rate is 3/n (rule of three, exactly ``1 -
0.05^(1/n)``), and it means nothing at all unless a planted positive control was found by the same scan.

Assumption: probes are alike and independent. Leaks that strike one message in a million are not excluded by a thousand
probes; the bound says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from isolation.judge.rules.statistics import rule_of_three
from isolation.judge.rules.verdicts import inconclusive, judged, names, no_evidence, plural, zero
from isolation.record import Measurement
from isolation.record.secrets.searches import Finding

FRAMES = "frames"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the contamination matrix: whose secret, where, seen by whom."""

    owner_tenant: str
    place: str
    seen_by_tenant: str


def judge_contamination(
    promise: str, place: str, findings: Sequence[Finding], probes: int, control_found: bool
) -> Measurement:
    """No secret may be seen by anybody but its owner.

    Args:
        place: What was searched, such as ``frames`` or ``PostgreSQL``.
        findings: What the scan found; a tenant's own secrets are no contamination.
        probes: How many things were looked at.
        control_found: Whether the same scan found the planted positive control.

    Returns:
        The number of foreign secrets, which must be zero. Without a probe INCONCLUSIVE, of frames FAIL: a platform has to
        answer, but need not keep anything. INCONCLUSIVE when nothing was found and the positive control was not found either.
    """
    metric = f"foreign secrets in {place}"
    limit = zero(f"promise {promise}: no foreign secret")
    foreign = [finding for finding in findings if finding.foreign]
    if foreign:
        first = foreign[0]
        victims = [tenant for tenant, _ in Counter(f.owner_tenant for f in foreign).most_common()]
        seers = [f.seen_by_tenant for f in foreign if f.seen_by_tenant]
        claim = (
            f"{plural(len(foreign), 'foreign secret')} in {plural(max(probes, len(foreign)), 'probe')} of {place}: "
            f"one of tenant '{first.owner_tenant}' (user '{first.owner_user}') was seen by {_seer(first)} in "
            f"{first.place} ({first.encoding}): {first.excerpt}"
        )
        tenants = dict.fromkeys([*victims, *seers])
        return judged(promise, metric, float(len(foreign)), limit, max(probes, 1), claim, tenants=tenants)
    if probes == 0 and place == FRAMES:
        return no_evidence(promise, metric, limit, f"Nothing of {place} was looked at")
    if probes == 0:
        # What is kept for a minute only may have gone before it could be looked at: that accuses nobody.
        return inconclusive(promise, metric, limit, f"Nothing of {place} was there to be looked at")
    bound = rule_of_three(probes)
    claim = f"No foreign secret in {plural(probes, 'probe')} of {place} (true rate below {bound:.2g} per probe, 95 %)"
    details = {"upper bound of the rate (95 %)": bound}
    if not control_found:
        claim += ", but the planted positive control was not found, so zero means nothing"
        return inconclusive(promise, metric, limit, claim, value=0.0, samples=probes, details=details)
    claim += ", and the planted positive control was found"
    return judged(promise, metric, 0.0, limit, probes, claim, details=details)


def contamination_matrix(findings: Sequence[Finding]) -> dict[Cell, int]:
    """How many foreign secrets of each owner were seen where and by whom, most first."""
    cells = Counter(Cell(f.owner_tenant, f.place, f.seen_by_tenant) for f in findings if f.foreign)
    return dict(cells.most_common())


def _seer(finding: Finding) -> str:
    if not finding.seen_by_tenant:
        return "everybody who can read it"
    return f"tenant {names([finding.seen_by_tenant])} (user '{finding.seen_by_user}')"
