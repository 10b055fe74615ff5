"""Whether everybody got a connection, and in time, and whether anything of it is left afterwards.

Principle: the promise is about all of them, so one that failed breaks it, however quick the others were. The clock runs
from the first handshake to the last welcome frame: a connection counts when the target has said whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, zero
from isolation.record import Limit, Measurement


class Attempt(Protocol):
    """What became of connecting one agent."""

    @property
    def name(self) -> str:
        """Whose connection."""

    @property
    def reason(self) -> str:
        """Why it failed, or empty."""


def judge_all_connected(
    promise: str, attempts: Sequence[Attempt], expected: int, took_s: float, limit: Limit
) -> list[Measurement]:
    """Hold the time until everybody was connected against a limit.

    Args:
        attempts: One for each agent that tried.
        expected: How many should have tried.
        took_s: Seconds from the first handshake to the last welcome.
        limit: The longest time, in seconds.

    Returns:
        One measurement; FAIL when anybody is not connected, whatever the time.
    """
    metric = "time until all were connected"
    failed = [attempt for attempt in attempts if attempt.reason]
    connected = len(attempts) - len(failed)
    claim = f"{connected} of {expected} connected in {amount(took_s, 's')}"
    if connected < expected or expected == 0:
        why = f", not {names(attempt.name for attempt in failed)}: {failed[0].reason}" if failed else ""
        return [no_evidence(promise, metric, limit, claim + why, samples=connected, tenants=[a.name for a in failed])]
    return [judged(promise, metric, took_s, limit, connected, claim)]


def judge_sockets_gone(promise: str, held: int | None, left: int | None, connections: int) -> Measurement:
    """Hold the number of sockets that the kernel still knows against zero.

    Args:
        held: How many sockets the same count found while the connections were open; None when it could not be read.
        left: How many it found afterwards.
        connections: How many had been open.

    Returns:
        INCONCLUSIVE when the count could not be read, or did not find the open connections either: on another machine, for
        example, the kernel here knows nothing of them.
    """
    metric, limit = "sockets left", zero(f"promise {promise}: no socket left")
    if left is None or held is None:
        return inconclusive(promise, metric, limit, "The kernel's table of sockets could not be read")
    claim = f"{left} sockets were left after {connections} connections had been closed"
    if not left and not held:
        claim += ", but the same count had found none while they were open either"
        return inconclusive(promise, metric, limit, claim, value=0.0)
    return judged(promise, metric, float(left), limit, held, f"{claim}; {held} had been found while they were open")
