"""Who an agent is, what its work gives, and how its work fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AgentIdentity:
    """An agent and whom it belongs to; fixed when its process is forked.

    Attributes:
        agent_type: Its type, such as ``assistant``.
        thread: The line of conversation in which it works.
    """

    agent_id: str
    tenant: str
    user: str
    agent_type: str
    thread: str


@dataclass(frozen=True, slots=True)
class WorkResult:
    """What a piece of work gave.

    Attributes:
        result: The JSON object of PROTOCOL.md, as the agent's process made it.
        service_milliseconds: How long the agent itself worked, without queues.
    """

    result: dict[str, Any]
    service_milliseconds: float


class AgentFailure(Exception):
    """A piece of work gave no result.

    Args:
        code: A code of PROTOCOL.md, such as ``cancelled`` or ``agent_stopped``.
        message: Why.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
