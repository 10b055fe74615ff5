"""An agent's process: its main thread listens, one worker thread works."""

from __future__ import annotations

import os
import socket

from reference_platform.agents import kernel
from reference_platform.agents.inside.channel import Channel
from reference_platform.agents.inside.work import AgentContext, Work
from reference_platform.agents.inside.worker import Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


def serve(connection: socket.socket, identity: dict[str, str], folder: str) -> NoReturn:
    """Be an agent until the gateway closes the connection.

    Args:
        connection: To the gateway.
        identity: The fields of ``AgentIdentity``.
        folder: A private folder for temporary files.
    """
    kernel.set_process_name(identity["agent_id"])
    os.chdir(folder)
    channel = Channel(connection)
    messages = channel.messages()
    # The first message is `go`: until then the governor has not put this process under its tenant's quota.
    if next(messages, {}).get("type") == "go":
        worker = Worker(channel)
        agent = AgentContext(identity, folder, channel)
        for message in messages:
            _handle(message, worker, agent)
    os._exit(0)


def _handle(message: dict[str, Any], worker: Worker, agent: AgentContext) -> None:
    match message["type"]:
        case "work":
            worker.accept(Work(message["run"], message["session_id"], message["work"], agent))
        case "cancel":
            worker.cancel(message["run"])
        case "reply":
            agent.calls.deliver(message)
