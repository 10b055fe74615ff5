"""Rates that delay instead of refusing: nothing is dropped, whoever comes too fast waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Rate:
    """A token bucket that hands out its tokens in order of arrival.

    Waiters queue by booking the future: the balance may become negative, and each waits until its own token is there.
    (The virtual scheduling form of the generic cell rate algorithm, ITU-T I.371.)
    """

    def __init__(self, per_second: float, burst: float) -> None:
        """Start full.

        Args:
            per_second: Tokens that come back in a second.
            burst: Tokens that may be taken at once.
        """
        self._per_second = per_second
        self._burst = burst
        self._balance = burst
        self._at = time.monotonic()
        self.taken = 0
        self.delayed = 0

    def take(self, tokens: float = 1.0) -> float:
        """Book tokens.

        Args:
            tokens: How many.

        Returns:
            Seconds to wait before going on; 0 when there were enough.
        """
        now = time.monotonic()
        self._balance = min(self._burst, self._balance + (now - self._at) * self._per_second)
        self._at = now
        self._balance -= tokens
        self.taken += tokens > 0
        if self._balance >= 0:
            return 0.0
        self.delayed += 1
        delay = -self._balance / self._per_second
        return delay

    def change(self, per_second: float, burst: float) -> None:
        """Set another rate from now on; what is owed already stays owed."""
        now = time.monotonic()
        self._balance = min(self._burst, self._balance + (now - self._at) * self._per_second)
        self._at = now
        self._per_second = per_second
        self._burst = burst
        self._balance = min(self._balance, burst)


SMALL_STATEMENT = 0.003
"""What a statement on a single item costs at most (s); on a quiet machine it takes about a third of that."""


class DatabaseTurns:
    """A tenant's share of the database: seconds of work per second, and how many turns at once.

    A turn is paid after it, when its cost is known; the next one waits until the tenant is out of debt.
    """

    def __init__(self, share: float, at_once: int) -> None:
        """Start with a full second's worth.

        Args:
            share: Seconds of database work per second.
            at_once: How many turns may run at the same time.
        """
        self._rate = Rate(share, max(share, 0.1))
        self._places = asyncio.Semaphore(at_once)
        self.taken = 0
        self.delayed = 0

    def change(self, share: float) -> None:
        """Set another share from now on."""
        self._rate.change(share, max(share, 0.1))

    @asynccontextmanager
    async def turn(self, most: float = SMALL_STATEMENT) -> AsyncIterator[None]:
        """Wait for a turn, and pay for it afterwards.

        Args:
            most: What a turn costs at most (s). A small statement that takes long was held up by others on a busy
                machine; its tenant must not be called noisy for that.
        """
        async with self._places:
            in_debt = False
            while (delay := self._rate.take(0.0)) > 0:
                in_debt = True
                await asyncio.sleep(delay)
            started = time.monotonic()
            self.taken += 1
            # Waiting for a place, or for a busy machine, is no excess: only whoever is in debt wanted more than its share.
            if in_debt:
                self.delayed += 1
            try:
                yield
            finally:
                self._rate.take(min(time.monotonic() - started, most))
