"""Storage traffic of boxed tenants: a tenth of a core is enough to write hundreds of megabytes per second.

Measured on the development machine: 190 to 350 MB/s from inside the box, without this brake.
"""

from __future__ import annotations

from process_control import BudgetLimiter, Holds, storage_bytes

_FASTEST_BYTES_PER_SECOND = 1e12


class StorageBrake:
    """Lets all boxed processes together read and write only so much, by stopping and continuing them.

    Each gets an even part, so that one which stores cannot stop another which does not.

    Args:
        bytes_per_second: How much.
        holds: Shared with whoever else stops the same processes.
    """

    def __init__(self, bytes_per_second: float, holds: Holds) -> None:
        self._bytes_per_second = bytes_per_second
        self._limiter = BudgetLimiter(storage_bytes, _FASTEST_BYTES_PER_SECOND, holds)
        self._pids: set[int] = set()

    def add(self, pid: int) -> None:
        """Brake a process.

        Args:
            pid: The process; one that has ended is passed over.
        """
        self._limiter.set_rate(str(pid), self._bytes_per_second)
        if self._limiter.add(str(pid), pid):
            self._pids.add(pid)
        self._divide()

    def discard(self, pid: int) -> None:
        """Do not brake a process any more.

        Args:
            pid: The process.
        """
        self._limiter.remove(str(pid))
        self._pids.discard(pid)
        self._divide()

    def tick(self) -> float:
        """Look at the traffic.

        Returns:
            When to call again, at the latest (seconds from now).
        """
        return self._limiter.tick()

    def close(self) -> None:
        """Let everybody go on."""
        self._limiter.close()

    def _divide(self) -> None:
        for pid in self._pids:
            self._limiter.set_rate(str(pid), self._bytes_per_second / len(self._pids))
