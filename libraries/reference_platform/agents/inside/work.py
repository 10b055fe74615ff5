"""One piece of work as a workload sees it: its arguments, its agent, and the ways to the outside."""

from __future__ import annotations

import threading

from reference_platform.agents.inside.calls import Call, Calls, WorkFailure
from reference_platform.agents.inside.channel import Channel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["AgentContext", "Cancelled", "Work", "WorkFailure"]


class Cancelled(Exception):
    """The work's owner has cancelled it."""


class AgentContext:
    """What an agent's process keeps and lasts longer than one piece of work.

    Attributes:
        identity: The fields of ``AgentIdentity``.
        folder: Its private folder.
        channel: The way to the gateway.
        calls: What it has asked of the platform.
        memories: What it remembers, oldest first; None until it was loaded.
        kept: Whatever workloads keep on purpose, by kind.
    """

    def __init__(self, identity: dict[str, str], folder: str, channel: Channel) -> None:
        self.identity = identity
        self.folder = folder
        self.channel = channel
        self.calls = Calls(channel)
        self.memories: list[str] | None = None
        self.kept: dict[str, list[Any]] = {}


class Work:
    """One piece of work.

    Args:
        run: Its number, chosen by the gateway.
        session_id: The session that asked for it.
        arguments: Its kind and arguments, checked by the gateway.
        agent: Who does it.
    """

    def __init__(self, run: int, session_id: str, arguments: dict[str, Any], agent: AgentContext) -> None:
        self.run = run
        self.session_id = session_id
        self.arguments = arguments
        self.agent = agent
        self._cancelled = threading.Event()
        self._call: Call | None = None

    @property
    def kind(self) -> str:
        """The kind of work."""
        return str(self.arguments["kind"])

    def get(self, name: str, default: Any) -> Any:
        """An argument, or what it is when left out."""
        value = self.arguments.get(name)
        return default if value is None else value

    def cancel(self) -> None:
        """End it at its next check; wakes it up when it waits."""
        self._cancelled.set()
        call = self._call
        if call is not None:
            call.arrived.set()

    def check(self) -> None:
        """Go on only when nobody has cancelled the work: called between small slices of it.

        Raises:
            Cancelled: Somebody has.
        """
        if self._cancelled.is_set():
            raise Cancelled

    def sleep(self, seconds: float | None) -> None:
        """Wait without using the processor.

        Args:
            seconds: How long; None is for ever.

        Raises:
            Cancelled: The work was cancelled meanwhile.
        """
        if self._cancelled.wait(seconds):
            raise Cancelled

    def progress(self, number: int, text: str) -> None:
        """Send a progress event; waits while the gateway does not listen.

        Args:
            number: 1, 2, 3 ...
            text: What to say.
        """
        message = {"type": "event", "run": self.run, "event": "progress", "number": number, "text": text}
        self.agent.channel.send(message)

    def call(self, name: str, **arguments: Any) -> Any:
        """Ask the platform for something and wait for it.

        Args:
            name: ``profile``, ``memory_load``, ``memory_save``, ``database``, ``lease``, ``cache_get`` or ``cache_put``.
            arguments: What belongs to it.

        Returns:
            The reply.

        Raises:
            WorkFailure: The platform refused.
            Cancelled: The work was cancelled meanwhile.
        """
        number, call = self.agent.calls.start(self.run, name, arguments)
        return self.wait_for(number, call)

    def wait_for(self, number: int, call: Call) -> Any:
        """Wait for a call that was started before; raises and returns like ``call``."""
        self._call = call
        try:
            self.check()
            call.arrived.wait()
            self.check()
            return call.value()
        finally:
            self._call = None
            self.agent.calls.forget(number)
