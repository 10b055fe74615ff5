"""Beginning at the same moment in several engines."""

from __future__ import annotations

import time
from dataclasses import dataclass

from isolation.drive.timing.precise_sleep import PreciseSleep
from isolation.record import Operation


class BeganLate(Exception):
    """The moment had passed by too much when the engine came to it: it would not have been the same moment."""


@dataclass(frozen=True, slots=True)
class Start:
    """When several engines begin together.

    Attributes:
        at: Seconds, the monotonic clock of the engine that is told.
        latest_s: By how many seconds it may be missed.
    """

    at: float
    latest_s: float

    async def reached(self) -> float:
        """Wait until then.

        Returns:
            By how many seconds it was missed.

        Raises:
            BeganLate: It is too late.
        """
        with PreciseSleep() as timer:
            await timer.until(self.at)
        late = time.monotonic() - self.at
        if late > self.latest_s:
            raise BeganLate(f"it came to a common start {late:.3f} s late; at most {self.latest_s:g} s are allowed")
        return late


@dataclass(frozen=True, slots=True)
class Ready:
    """Requests that were made ready, and wait for a start.

    Attributes:
        number: By which they are asked for; 0 when users have to wait for their turns, so that they cannot leave at one moment.
        rest_s: How long it takes there until the collector stands still, which comes before the start.
    """

    number: int
    rest_s: float


@dataclass(frozen=True, slots=True)
class Left:
    """Requests that left together with those of other engines.

    Attributes:
        late_s: By how much the common start was missed.
        operations: What became of them.
    """

    late_s: float
    operations: list[Operation]


@dataclass(frozen=True, slots=True)
class Part:
    """What one of several engines does of a load that all of them know: only then do all of them keep to one plan.

    Attributes:
        tenants: Whose requests it sends.
        seed: Of the whole plan.
        begins_at: When the plan begins (seconds, the engine's own monotonic clock); what is sent late says so itself.
    """

    tenants: frozenset[str]
    seed: int
    begins_at: float
