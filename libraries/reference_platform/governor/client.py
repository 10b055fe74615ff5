"""The gateway's side: starts the governor's process and talks to it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

from process_control import signals
from reference_platform.governor import messages
from reference_platform.governor.messages import (
    AgentStarted,
    AgentStopped,
    Attached,
    FromGovernor,
    Hello,
    RemoveTenant,
    Shutdown,
    TenantRemoved,
    ToGovernor,
    decode,
    encode,
)
from reference_platform.governor.settings import GovernorSettings

_LONGEST_LINE = 1 << 24


class GovernorLost(Exception):
    """The governor's process has ended or does not answer."""


class GovernorClient:
    """Starts and asks the governor. Make it with ``start`` before asyncio runs, then ``await open(...)``.

    Args:
        process: The governor's process.
        channel: This side's end of the socket pair.
    """

    def __init__(self, process: subprocess.Popen[bytes], channel: socket.socket) -> None:
        self._process = process
        self._channel = channel
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None
        self._hello: asyncio.Future[str] | None = None
        self._attaching: dict[tuple[str, int], asyncio.Future[bool]] = {}
        self._removing: dict[str, asyncio.Future[int]] = {}
        self._agents: dict[int, int] = {}
        self._on_message: Callable[[FromGovernor], None] = lambda _: None
        self._on_lost: Callable[[], None] = lambda: None
        self.mechanism = ""
        self.group_patterns: list[str] = []

    @classmethod
    def start(cls, settings: GovernorSettings, defect: str | None = None) -> GovernorClient:
        """Start the governor's process; it dies with the thread that calls this, so call it on the main thread.

        Args:
            defect: The name of a seeded defect, or None.
        """
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "reference_platform.governor", "--socket", str(theirs.fileno())]
        command += ["--parent", str(os.getpid()), "--settings", settings.to_json()]
        command += ["--defect", defect] if defect else []
        with theirs:
            process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        return cls(process, ours)

    @property
    def pid(self) -> int:
        """The governor's process id."""
        return self._process.pid

    async def open(
        self,
        on_message: Callable[[FromGovernor], None],
        on_lost: Callable[[], None] = lambda: None,
        patience_seconds: float = 10.0,
    ) -> None:
        """Wait until the governor is ready.

        Args:
            on_message: Called for every alert, audit entry, usage and command, in order; must not block.
            on_lost: Called once when the governor ends without having been asked to.
            patience_seconds: How long it may take.

        Raises:
            GovernorLost: It ended, or took longer.
        """
        self._on_message, self._on_lost = on_message, on_lost
        reader, self._writer = await asyncio.open_connection(sock=self._channel, limit=_LONGEST_LINE)
        self._hello = asyncio.get_running_loop().create_future()
        self._listener = asyncio.create_task(self._listen(reader))
        try:
            self.mechanism = await asyncio.wait_for(self._hello, patience_seconds)
        except (TimeoutError, asyncio.CancelledError) as error:
            raise GovernorLost(f"The governor was not ready within {patience_seconds:g} s.") from error

    async def attach(self, started: AgentStarted, patience_seconds: float = 5.0) -> bool:
        """Put a new agent under its tenant's quotas, before it works.

        Args:
            patience_seconds: How long it may take.

        Returns:
            False when its process has ended already.

        Raises:
            GovernorLost: The governor ended or does not answer.
        """
        key = (started.agent, started.pid)
        waiting = self._attaching[key] = asyncio.get_running_loop().create_future()
        self._agents[started.pid] = started.started_ticks
        self.send(started)
        try:
            return await asyncio.wait_for(waiting, patience_seconds)
        except TimeoutError as error:
            raise GovernorLost("The governor did not answer.") from error
        finally:
            self._attaching.pop(key, None)

    async def remove_tenant(self, tenant: str, patience_seconds: float = 5.0) -> int:
        """Forget a tenant whose agents have ended.

        Args:
            patience_seconds: How long it may take.

        Returns:
            How many control groups were left because processes live in them.

        Raises:
            GovernorLost: The governor ended or does not answer.
        """
        waiting = self._removing.setdefault(tenant, asyncio.get_running_loop().create_future())
        self.send(RemoveTenant(tenant))
        try:
            return await asyncio.wait_for(asyncio.shield(waiting), patience_seconds)
        except TimeoutError as error:
            raise GovernorLost("The governor did not answer.") from error

    def send(self, message: ToGovernor) -> None:
        """Tell the governor something that has no answer.

        Raises:
            GovernorLost: It has ended.
        """
        if isinstance(message, AgentStopped):
            self._agents.pop(message.pid, None)
        if self._writer is None or self._writer.is_closing():
            raise GovernorLost("The governor has ended.")
        self._writer.write(encode(message))

    async def close(self, patience_seconds: float = 5.0) -> None:
        """Let the governor remove its groups and end; may be called any number of times.

        Args:
            patience_seconds: How long it may take before it is ended by force.
        """
        self._on_lost = lambda: None
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode(Shutdown()))
        try:
            await asyncio.wait_for(asyncio.to_thread(self._process.wait), patience_seconds)
        except TimeoutError:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        if self._listener is not None:
            await self._listener
        if self._writer is not None:
            self._writer.close()
        self._channel.close()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                self._receive(decode(line))
        except ConnectionError:
            pass
        finally:
            self._lost()

    def _receive(self, message: messages.Message) -> None:
        if isinstance(message, Attached):
            if (attaching := self._attaching.get((message.agent, message.pid))) and not attaching.done():
                attaching.set_result(message.attached)
        elif isinstance(message, TenantRemoved):
            if (removing := self._removing.pop(message.tenant, None)) and not removing.done():
                removing.set_result(message.groups_left)
        elif isinstance(message, Hello):
            if self._hello is not None and not self._hello.done():
                self.group_patterns = message.group_patterns
                self._hello.set_result(message.mechanism)
        elif isinstance(message, FromGovernor):
            self._on_message(message)

    def _lost(self) -> None:
        """A governor that was killed may have left agents stopped: let them go on, and nobody waits for ever."""
        for pid, ticks in self._agents.items():
            signals.send(pid, ticks, signal.SIGCONT)
        waiting: list[asyncio.Future[bool] | asyncio.Future[int] | asyncio.Future[str]] = [
            *self._attaching.values(),
            *self._removing.values(),
        ]
        if self._hello is not None:
            waiting.append(self._hello)
        for future in waiting:
            if not future.done():
                future.set_exception(GovernorLost("The governor has ended."))
        if self._writer is not None:
            self._writer.close()
        self._on_lost()
