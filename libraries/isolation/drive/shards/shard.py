"""One shard: an engine somewhere, its clock, and whether it can still be relied on."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from isolation.drive.load.whereabouts import Whereabouts
from isolation.drive.shards.clock import Exchange, ShardClock
from isolation.drive.worker import WorkerEnded, WorkerError


class Carrier(Protocol):
    """What carries calls to an engine: a ``Worker`` of this machine, or one of a cluster."""

    @property
    def pids(self) -> tuple[int, ...]:
        """Its processes on this machine."""
        ...

    def call(self, method: str, *arguments: object, timeout: float = 60.0, **options: object) -> Any:
        """Call a method of the engine and wait for its answer."""
        ...

    def submit(self, method: str, *arguments: object, **options: object) -> Future[Any]:
        """Call a method of the engine and do not wait."""
        ...

    def abandon(self, pending: Future[Any]) -> None:
        """End a call that nobody waits for any more."""
        ...

    def stop(self, timeout: float = 5.0) -> None:
        """End the engine; may be called any number of times."""
        ...


class ShardLost(WorkerError):
    """A shard cannot be relied on any more; the sentence names it, and what it carried."""


class Shard:
    """One engine among several.

    Attributes:
        clock: How far its clock is from ours.
        tenants: How many tenants belong to it.
        carried: How many sessions it was given in this experiment.
        lost: Why it cannot be relied on any more; empty while it can.
    """

    def __init__(self, number: int, carrier: Carrier, place: str = "") -> None:
        """Ask it where it is.

        Args:
            number: From 1.
            carrier: Passes calls on to it.
            place: Where it is, in words, when that is known before it has said so.

        Raises:
            WorkerError: It gives no answer, or its source differs from ours.
        """
        self.carrier = carrier
        here, there = Whereabouts.here(), carrier.call("whereabouts")
        self.name = f"shard {number} ({place or f'process {there.pid} on {there.host}'})"
        if there.source != here.source:
            raise WorkerError(f"{self.name} runs another version of the suite's source than this process")
        self.clock = ShardClock(is_ours=bool(here.clock) and there.clock == here.clock)
        self.tenants = self.carried = 0
        self.lost = ""
        self._beat: tuple[float, Future[Any]] | None = None

    def measure_clock(self, times: int = 5) -> None:
        """Compare the clocks some times, one after the other.

        Raises:
            WorkerError: It gives no answer.
        """
        for _ in range(times):
            asked_at = time.monotonic()
            shown = float(self.carrier.call("clock", timeout=10.0))
            self.clock.note(Exchange(asked_at, shown, time.monotonic()))

    def submit(self, method: str, *arguments: object) -> Future[Any]:
        """Call a method and do not wait.

        Raises:
            ShardLost: It cannot be relied on any more.
        """
        if self.lost:
            raise self.loss()
        try:
            return self.carrier.submit(method, *arguments)
        except WorkerError as error:
            self.lose(str(error))
            raise self.loss() from None

    def beat(self, silent_s: float, tell: Callable[[str], None]) -> None:
        """Look for a sign of life, and compare the clocks once more; never waits.

        Args:
            silent_s: After so many seconds without an answer it counts as lost.
            tell: Told of a loss.
        """
        if self.lost:
            return
        if self._beat is not None:
            asked_at, answer = self._beat
            if not answer.done():
                if time.monotonic() - asked_at > silent_s:
                    self.lose(f"it has given no sign of life for {silent_s:g} s")
                    tell(f"{self.name} is lost: {self.lost}")
                return
            self._beat = None
        asked_at = time.monotonic()
        try:
            answer = self.submit("clock")
        except ShardLost:
            tell(f"{self.name} is lost: {self.lost}")
            return
        self._beat = asked_at, answer
        answer.add_done_callback(lambda done: self._note(asked_at, done))

    def lose(self, reason: str) -> None:
        """Rely on it no more: what it carried is not known any more, and its engine ends."""
        self.lost = self.lost or reason.rstrip(".")

    def loss(self) -> ShardLost:
        """The loss as an exception."""
        return ShardLost(
            f"{self.name} was lost: {self.lost}; what it carried ({self.carried} sessions) could not be examined"
        )

    def _note(self, asked_at: float, done: Future[Any]) -> None:
        answered_at = time.monotonic()
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            self.clock.note(Exchange(asked_at, float(done.result()), answered_at))
        elif isinstance(error, WorkerEnded):
            self.lose(str(error) or type(error).__name__)
