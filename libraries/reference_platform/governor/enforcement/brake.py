"""What boxed tenants may do in a second besides calculating: a tenth of a core does much harm with something else than time.

Measured on the development machine, without brakes: 190 to 350 MB/s were written to storage from inside the box; and a process takes
1.8 GB of fresh memory in a second of processor time, whose clearing and giving back made the slowest answers of the others slower
(P95 +13 %, although the box has a tenth of a core at idle priority).
"""

from __future__ import annotations

from process_control import BudgetLimiter, Holds, Meter

_FASTEST_BYTES_PER_SECOND = 1e12


class Brake:
    """Lets all boxed processes together use only so much of something, by stopping and continuing them.

    Each gets an even part, so that one which takes much cannot stop another which does not.

    Args:
        meter: What is braked.
        bytes_per_second: How much.
        holds: Shared with whoever else stops the same processes.
    """

    def __init__(self, meter: Meter, bytes_per_second: float, holds: Holds) -> None:
        self._bytes_per_second = bytes_per_second
        self._limiter = BudgetLimiter(meter, _FASTEST_BYTES_PER_SECOND, holds)
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
        """Do not brake a process any more."""
        self._limiter.remove(str(pid))
        self._pids.discard(pid)
        self._divide()

    def tick(self) -> float:
        """Look at what was used.

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
