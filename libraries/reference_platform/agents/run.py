"""A piece of work that an agent's process is doing, as the gateway sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from reference_platform.agents.identity import AgentFailure, WorkResult

EventHandler = Callable[[dict[str, Any]], Awaitable[None] | None]


class Run:
    """One run: its events go to a handler, its outcome comes exactly once.

    Args:
        number: Its name towards the process; never used twice.
        on_event: Told of each event until the run has an outcome or is given up.
    """

    def __init__(self, number: int, on_event: EventHandler) -> None:
        loop = asyncio.get_running_loop()
        self.number = number
        self.calls: set[asyncio.Task[None]] = set()
        self.ended: asyncio.Future[None] = loop.create_future()
        self._on_event = on_event
        self._outcome: asyncio.Future[WorkResult] = loop.create_future()
        self._given_up: asyncio.Future[None] = loop.create_future()

    def event(self, message: dict[str, Any]) -> Awaitable[None] | None:
        """Pass on an event.

        Args:
            message: As the process sent it.

        Returns:
            What to wait for before the next message is read, if anything.
        """
        if self._given_up.done():
            return None
        waiting = self._on_event({name: value for name, value in message.items() if name not in ("type", "run")})
        return None if waiting is None else self._wait(waiting)

    def complete(self, result: WorkResult) -> None:
        """The process has done it."""
        self._settle()
        if not self._outcome.done():
            self._outcome.set_result(result)

    def fail(self, failure: AgentFailure) -> None:
        """The process has not done it."""
        self._settle()
        if not self._outcome.done():
            self._outcome.set_exception(failure)

    def give_up(self) -> None:
        """Pass on no more events, end the calls it has made; its outcome is still to come."""
        if not self._given_up.done():
            self._given_up.set_result(None)
        for call in self.calls:
            call.cancel()

    async def outcome(self) -> WorkResult:
        """Wait for the outcome.

        Raises:
            AgentFailure: There is no result.
        """
        return await self._outcome

    def _settle(self) -> None:
        self.give_up()
        if not self.ended.done():
            self.ended.set_result(None)

    async def _wait(self, waiting: Awaitable[None]) -> None:
        """Wait for the handler, but not once the run is given up: its owner would wait for its end behind its events."""
        handling = asyncio.ensure_future(waiting)
        await asyncio.wait({handling, self._given_up}, return_when=asyncio.FIRST_COMPLETED)
        if not handling.done():
            handling.cancel()
