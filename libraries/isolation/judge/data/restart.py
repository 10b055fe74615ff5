"""Whether a platform has really restarted: the control of everything that should survive a restart (CS-5).

Principle: whoever restarts loses its connections and has another process afterwards. A platform that says yes and goes on
as before keeps everything in its memory, and shows nothing.
"""

from __future__ import annotations

from isolation.judge.rules.verdicts import inconclusive, judged, plural
from isolation.record import Comparison, Limit, Measurement


def judge_restarted(
    promise: str, held: int, cut: int, process_before: int, process_after: int, doubt: str = ""
) -> Measurement:
    """All connections must have been cut by the target itself, and the serving process be another one.

    Args:
        held: Connections that were open when the restart was asked for.
        cut: How many of them the target has cut since.
        process_before: Process that served, by the operator's word; 0 when it was not told.
        process_after: The same afterwards.
        doubt: Why that process cannot be the one that serves, as far as anybody looked.

    Returns:
        A control: PASS or INCONCLUSIVE.
    """
    metric = "connections that the restart cut"
    limit = Limit(
        value=max(1, held), unit="connections", comparison=Comparison.AT_LEAST, source="the restart must be real"
    )
    claim = f"The restart cut {cut} of {plural(held, 'connection')}"
    same = process_before != 0 and process_before == process_after
    claim += f", and process {process_before} went on" if same else ""
    claim += f", but process {process_after}, which is said to serve now, does not: {doubt}" if doubt else ""
    if not held or cut < held or same or doubt:
        return inconclusive(promise, metric, limit, claim, value=float(cut), samples=held, control=True)
    return judged(promise, metric, float(cut), limit, held, claim, control=True)
