"""What an agent asks of the platform while it works."""

from __future__ import annotations

import itertools
import threading

from reference_platform.agents.inside.channel import Channel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class WorkFailure(Exception):
    """The work cannot be done.

    Args:
        code: A code of PROTOCOL.md.
        message: Why.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class Call:
    """One call under way.

    Attributes:
        arrived: Set when the reply is there, or when nobody waits for it any more.
    """

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self._reply: dict[str, Any] = {}

    def deliver(self, reply: dict[str, Any]) -> None:
        """Keep the reply and wake up who waits."""
        self._reply = reply
        self.arrived.set()

    def value(self) -> Any:
        """The reply's value.

        Raises:
            WorkFailure: The platform refused.
        """
        if "code" in self._reply:
            raise WorkFailure(self._reply["code"], self._reply["message"])
        return self._reply["value"]


class Calls:
    """All calls of this agent.

    Args:
        channel: The way to the gateway.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._numbers = itertools.count(1)
        self._open: dict[int, Call] = {}

    def start(self, run: int, name: str, arguments: dict[str, Any]) -> tuple[int, Call]:
        """Ask something without waiting.

        Args:
            run: The work that asks; when it is cancelled, so is the call.
            name: What is asked for.
            arguments: With what. Tenant and user are no arguments: the gateway knows whose agent this is.

        Returns:
            The call's number and the call.
        """
        number, call = next(self._numbers), Call()
        self._open[number] = call
        self._channel.send({"type": "call", "call": number, "run": run, "name": name, "arguments": arguments})
        return number, call

    def deliver(self, message: dict[str, Any]) -> None:
        """Hand a reply to the call that it belongs to; a reply nobody waits for is dropped."""
        call = self._open.pop(message["call"], None)
        if call is not None:
            call.deliver(message)

    def forget(self, number: int) -> None:
        """Wait for a reply no longer."""
        self._open.pop(number, None)
