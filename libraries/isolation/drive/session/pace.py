"""Keeps every user within the requests a minute that the target allows.

A request that the target refuses because its user asked too often says nothing of what was asked for: it must not be sent.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterable

_MINUTE_S = 61.0
"""A minute of the target's, and a little more: its clock counts when a request arrives, ours when it leaves."""


class Pace:
    """One for all sessions of a process, as the limit is a user's and not a session's.

    Args:
        per_minute: How many requests one user may make in any minute; None where the target says nothing.
    """

    def __init__(self, per_minute: int | None) -> None:
        """Nobody has asked yet."""
        self.per_minute = per_minute
        self._asked: defaultdict[str, deque[float]] = defaultdict(deque)

    async def turn(self, user: str) -> None:
        """Wait until a user may ask again, and count the request that follows."""
        if self.per_minute is None:
            return
        asked = self._asked[user]
        while True:
            now = time.monotonic()
            while asked and now - asked[0] >= _MINUTE_S:
                asked.popleft()
            if len(asked) < self.per_minute:
                asked.append(now)
                return
            await asyncio.sleep(asked[0] + _MINUTE_S - now)

    def take_now(self, users: Iterable[str]) -> bool:
        """Count one request for each entry, if none of them would have to wait; else none is counted.

        Args:
            users: Who asks, one entry for each request.
        """
        if self.per_minute is None:
            return True
        now, wanted = time.monotonic(), Counter(users)
        for user, count in wanted.items():
            if sum(now - at < _MINUTE_S for at in self._asked[user]) + count > self.per_minute:
                return False
        for user, count in wanted.items():
            self._asked[user].extend([now] * count)
        return True


def longest_wait_s(per_minute: int | None, users: Iterable[str]) -> float:
    """How long requests may have to wait for their turn, at most: one entry in ``users`` for each request."""
    most = max(Counter(users).values(), default=0)
    return 0.0 if per_minute is None else _MINUTE_S * -(-most // per_minute)
