"""A piece of work in an agent's queue."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable

from reference_platform.agents import AgentProcess
from reference_platform.registry.session import Session

#: What the owner is told of work that was ended from outside.
GIVEN_UP = {"cancelled": "cancelled by its owner", "timeout": "the operation ran longer than the time-out"}
_numbers = itertools.count(1)


class Job(ABC):
    """Work that waits for an agent, is done by it, and ends exactly once.

    Attributes:
        session: Who asked for it.
        run_id: The gateway's own name of this piece of work towards the agent's process. Never the client's correlation
            id: that may come again, and an answer to cancelled work must not be taken for an answer to the next.
        ended: Whether its final word has been said; whatever the process still says is dropped.
        free_worker: Brings back whoever does it from work that was ended from outside; set by the agent that takes it.
    """

    def __init__(self, session: Session) -> None:
        """Give it a name of its own."""
        self.session = session
        self.run_id = f"run-{next(_numbers)}"
        self.ended = False
        self.free_worker: Callable[[Job], None] | None = None

    @abstractmethod
    async def perform(self, process: AgentProcess) -> None:
        """Do it.

        Args:
            process: The agent's running process.

        Raises:
            AgentFailure: If it cannot be done.
        """

    @abstractmethod
    def fail(self, code: str, message: str) -> None:
        """End it with an error; nothing happens when it has ended.

        Args:
            code: A code of PROTOCOL.md.
            message: A sentence for its owner.
        """

    def give_up(self, code: str | None) -> None:
        """End it from outside and free the agent.

        Args:
            code: What its owner is told, or None for nothing.
        """
        if self.ended:
            return
        if code is None:
            self.end_quietly()
        else:
            self.fail(code, GIVEN_UP.get(code, "the operation was given up"))
        self.release()

    def release(self) -> None:
        """Free the agent after the work was ended from outside."""
        if self.free_worker is not None:
            self.free_worker(self)

    @abstractmethod
    def end_quietly(self) -> None:
        """End it without a word."""
