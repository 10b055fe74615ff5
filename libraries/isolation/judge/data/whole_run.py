"""What the suite promises of itself: it gives no secret away, and leaves nothing of its tenants behind (OP-3, OP-7)."""

from __future__ import annotations

from isolation.judge.recovery.removal import judge_removal, judge_traces
from isolation.judge.rules.verdicts import inconclusive, judged, names, not_applicable
from isolation.record import Measurement
from isolation.record.limits import Limits
from isolation.record.whole_run import WholeRunRecord


def judge_output(promise: str, record: WholeRunRecord, limits: Limits) -> list[Measurement]:
    """No token, password, key or store address is in what the run has written so far."""
    seen, metric, limit = record.output, "secrets in the output", limits["secrets"]
    claim = f"{seen.secrets} secrets and {seen.shapes} shapes of secrets were looked for in {seen.files} files"
    if seen.found:
        claim += f", {len(seen.found)} found: {names(seen.found)}"
        return [judged(promise, metric, float(len(seen.found)), limit, max(1, seen.secrets), claim)]
    if not seen.control_found:
        return [inconclusive(promise, metric, limit, f"{claim}, but not even a planted public text was found")]
    if seen.unreadable:
        return [inconclusive(promise, metric, limit, f"{claim}; could not be read: {names(seen.unreadable)}")]
    return [judged(promise, metric, 0.0, limit, max(1, seen.secrets), f"{claim}, none found")]


def judge_nothing_left(promise: str, record: WholeRunRecord, limits: Limits) -> list[Measurement]:
    """Of all tenants that the run has made nothing is left, by the operator's count and by a look into the stores."""
    limit = limits["residue"]
    if record.left is None and record.not_countable:
        found = [not_applicable(promise, "things left behind", record.not_countable)]
    else:
        found = [judge_removal(promise, record.counted_alive, record.left, record.tenants, limit, record.not_removed)]
    if record.searched:
        found.append(
            judge_traces(promise, record.traces_alive, record.traces_left, record.traces_missed, record.tenants, limit)
        )
    elif record.not_searchable and record.left is None:
        found.append(not_applicable(promise, "traces in the stores", record.not_searchable))
    else:
        claim = "No store of the target could be searched, so that nothing is left is the target's own word"
        found.append(inconclusive(promise, "traces in the stores", limit, claim, samples=record.tenants))
    return found
