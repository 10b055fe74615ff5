"""Makes agents: forked by the zygote, each with a private folder that is removed after its end."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any, Protocol, Self

from reference_platform.agents.identity import AgentFailure, AgentIdentity
from reference_platform.agents.process import AgentProcess, CallHandler
from reference_platform.agents.zygote_control import ZygoteControl

_SEND_BUFFER_BYTES = 16 * 1024
"""What an agent may have said before it has to wait for the gateway to listen."""


class FactorySettings(Protocol):
    """What the factory reads of ``PlatformSettings``."""

    @property
    def folder(self) -> Path:
        """The platform's folder."""


class AgentFactory:
    """Forks agents; lives in the gateway. Make it with ``start`` before anything else runs, then ``open`` it.

    Args:
        folder: Where agents get their private folders.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._zygote = ZygoteControl()
        self._numbers = count(1)
        self._processes: dict[int, AgentProcess] = {}

    @classmethod
    def start(cls, settings: FactorySettings) -> Self:
        """Start the zygote, which ends with this process; call it on the main thread, before asyncio runs.

        Args:
            settings: The platform's settings.
        """
        folder = settings.folder / "agents"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(folder)

    @property
    def zygote_pid(self) -> int:
        """The zygote's process id."""
        return self._zygote.pid

    async def open(self) -> None:
        """Be ready to make agents."""
        self._zygote.on_exit = self._note_exit
        self._zygote.on_lost = self._replace_zygote
        self._zygote.listen()

    async def spawn(self, identity: AgentIdentity, on_call: CallHandler) -> AgentProcess:
        """Fork an agent, which waits for its ``go``.

        Args:
            identity: Who it is.
            on_call: Serves what it asks for while it works. The agent is bound to its tenant and user here and now:
                nothing it says can change them. It raises ``AgentFailure`` to refuse.

        Raises:
            AgentFailure: ``internal``: there is no new process to be had.
        """
        made: asyncio.Future[AgentProcess] = asyncio.get_running_loop().create_future()
        folder = self._make_folder(identity)
        own_end, agent_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        own_end.setblocking(False)

        def note_answer(answer: dict[str, Any]) -> None:
            if made.cancelled():
                return
            if "error" in answer:
                made.set_exception(AgentFailure("internal", f"no process could be forked: {answer['error']}"))
                return
            process = AgentProcess(identity, answer["pid"], answer["started_ticks"], folder, on_call)
            self._processes[process.pid] = process
            made.set_result(process)

        try:
            with agent_end:
                agent_end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
                await self._zygote.fork(asdict(identity), folder, agent_end.fileno(), note_answer)
            process = await made
        except BaseException as error:
            # Without its other end a process that was forked all the same ends by itself.
            own_end.close()
            remove_folder(folder)
            if isinstance(error, OSError):
                raise AgentFailure("internal", "the zygote has ended") from error
            raise
        await asyncio.get_running_loop().create_unix_connection(lambda: process.link, sock=own_end)
        return process

    async def close(self) -> None:
        """End all agents and the zygote; may be called any number of times."""
        await self._zygote.close()
        self._lose_everybody("removed")

    def folder_of(self, tenant: str) -> Path:
        """Where the private folders of a tenant's agents are; it is there while any of them is.

        Args:
            tenant: Its id.
        """
        # With a prefix, because ".." is an id too.
        return self.folder / f"tenant-{tenant}"

    def _make_folder(self, identity: AgentIdentity) -> Path:
        tenant_folder = self.folder_of(identity.tenant)
        tenant_folder.mkdir(mode=0o700, exist_ok=True)
        folder = tenant_folder / f"agent-{identity.agent_id}-{next(self._numbers)}"
        folder.mkdir(mode=0o700)
        return folder

    def _note_exit(self, pid: int) -> None:
        process = self._processes.pop(pid, None)
        if process is not None:
            remove_folder(process.folder)
            process.note_exit("crash")

    def _lose_everybody(self, reason: str) -> None:
        for process in self._processes.values():
            remove_folder(process.folder)
            process.note_exit(reason)
        self._processes.clear()

    def _replace_zygote(self) -> None:
        self._lose_everybody("crash")
        self._zygote = ZygoteControl()
        self._zygote.on_exit = self._note_exit
        self._zygote.on_lost = self._replace_zygote
        self._zygote.listen()


def remove_folder(folder: Path) -> None:
    """Remove an agent's private folder, and its tenant's folder with the last of them.

    Args:
        folder: The agent's.
    """
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):  # the tenant has other agents
        folder.parent.rmdir()
