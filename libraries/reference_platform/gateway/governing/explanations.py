"""Why a process has ended that nobody in the gateway has stopped: the kernel's doing is known to the governor."""

from __future__ import annotations

import asyncio

#: How long to wait for the governor's explanation of a process's end.
EXPLAIN_SECONDS = 0.25
CRASH = "crash"


class Explanations:
    """Questions to which the governor's next words are the answer."""

    def __init__(self) -> None:
        """Start with no question."""
        self._waiting: dict[int, asyncio.Future[str]] = {}

    async def ask(self, pid: int) -> str:
        """Why a process has ended.

        Args:
            pid: The process; the governor has been told that it ended.

        Returns:
            The governor's word, or ``crash``.
        """
        waiting = self._waiting.get(pid)
        if waiting is None:
            waiting = self._waiting[pid] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(asyncio.shield(waiting), EXPLAIN_SECONDS)
        except TimeoutError:
            return CRASH
        finally:
            self._waiting.pop(pid, None)

    def give(self, pid: int, reason: str) -> None:
        """The governor says why it has ended a process, or is about to."""
        waiting = self._waiting.get(pid)
        if waiting is not None and not waiting.done():
            waiting.set_result(reason)
