"""Denials, their positive controls, and whether refusals tell foreign resources from unknown ones, all at once."""

from __future__ import annotations

from collections.abc import Sequence

from isolation.judge.access.doors import judge_denials, judge_oracle, judge_twins
from isolation.record import Measurement
from isolation.record.access.probes import DoorProbe, Relation
from isolation.record.limits import Limits


def judge_attempts(promise: str, probes: Sequence[DoorProbe], limits: Limits) -> list[Measurement]:
    """What was forbidden was refused, what was allowed was answered, and a refusal reveals nothing.

    Args:
        probes: All attempts.
        limits: ``length difference``, of two refusals.

    Returns:
        One measurement for each; the last one where something unknown was asked for.
    """
    judged = [judge_denials(promise, probes), judge_twins(promise, probes)]
    if any(probe.relation is Relation.UNKNOWN_ID for probe in probes):
        judged.append(judge_oracle(promise, probes, int(limits["length difference"].value)))
    return judged
