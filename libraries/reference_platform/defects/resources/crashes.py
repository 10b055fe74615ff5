"""Defects of what is left after a crash."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from reference_platform.defects.surgery import replace

_ZYGOTE = "reference_platform.agents.zygote"
_kept: list[int] = []


def handles_left_after_crash() -> None:
    """The gateway keeps handles of crashed agents and cut connections open, and their files."""
    from reference_platform.agents import factory
    from reference_platform.agents.process import AgentProcess
    from reference_platform.gateway.sessions.lifecycle import Lifecycle

    note_exit, remove_folder, lost = AgentProcess.note_exit, factory.remove_folder, Lifecycle.lost

    def keep_handles(self: AgentProcess, reason: str) -> None:
        if self._reason is None:
            _keep()
        note_exit(self, reason)

    def keep_a_file(folder: Path) -> None:
        if _kept and folder.exists():
            (folder / "left-behind").touch()
        else:
            remove_folder(folder)

    def keep_the_cut(self: Lifecycle, session: Any, code: int) -> None:
        if code == 1006 and not session.ended:
            _keep()
        lost(self, session, code)

    replace(AgentProcess, "note_exit", keep_handles)
    replace(factory, "remove_folder", keep_a_file)
    replace(Lifecycle, "lost", keep_the_cut)


def zombies_left_after_crash() -> None:
    """The zygote hears of the ends of its agents and never collects them."""
    run_odd_zygote("without_collecting")


def connections_left_after_crash() -> None:
    """Nobody takes back what an agent has leased, neither at its end nor because it lies unused."""
    from reference_platform.gateway.lease_keeper import LeaseKeeper

    async def take_nothing(self: LeaseKeeper, leases: Any) -> None:
        return

    replace(LeaseKeeper, "take_back", take_nothing)


def processes_left_after_crash() -> None:
    """An agent that has crashed gets another process, which nobody knows of."""
    from reference_platform.agents.factory import AgentFactory

    note_exit = AgentFactory._note_exit
    starting: set[asyncio.Task[Any]] = set()

    def start_again(self: AgentFactory, pid: int) -> None:
        process = self._processes.get(pid)
        note_exit(self, pid)
        if process is not None and process.exited.result() == "crash":
            starting.add(asyncio.create_task(self.spawn(process.identity, process._on_call)))

    replace(AgentFactory, "_note_exit", start_again)


def crash_hits_another() -> None:
    """When an agent crashes, that of the user who came after it ends too."""
    from reference_platform.agents.factory import AgentFactory

    note_exit = AgentFactory._note_exit
    ending: set[asyncio.Task[Any]] = set()

    def take_another_along(self: AgentFactory, pid: int) -> None:
        process = self._processes.get(pid)
        note_exit(self, pid)
        if process is not None and process.exited.result() == "crash":
            own = process.identity.tenant
            other = next((one for one in self._processes.values() if one.identity.tenant > own), None)
            if other is not None:
                ending.add(asyncio.create_task(other.stop("the zygote has lost it")))

    replace(AgentFactory, "_note_exit", take_another_along)


def slow_starts_after_crash() -> None:
    """After the first crash every new process takes ten seconds more."""
    from reference_platform.agents.factory import AgentFactory

    note_exit, spawn = AgentFactory._note_exit, AgentFactory.spawn
    crashed: list[int] = []

    def note_crash(self: AgentFactory, pid: int) -> None:
        process = self._processes.get(pid)
        note_exit(self, pid)
        if process is not None and process.exited.result() == "crash":
            crashed.append(pid)

    async def spawn_slowly(self: AgentFactory, *arguments: Any) -> Any:
        if crashed:
            await asyncio.sleep(10.0)
        return await spawn(self, *arguments)

    replace(AgentFactory, "_note_exit", note_crash)
    replace(AgentFactory, "spawn", spawn_slowly)


def run_odd_zygote(oddity: str) -> None:
    """Start another zygote than the platform's own.

    Args:
        oddity: Name of a function in ``odd_zygote``.
    """
    from reference_platform.agents import zygote_control

    def popen(command: list[str], **options: Any) -> Any:
        at = command.index(_ZYGOTE)
        odd = ["reference_platform.defects.odd_zygote", oddity]
        return subprocess.Popen([*command[:at], *odd, *command[at + 1 :]], **options)

    replace(zygote_control, "subprocess", SimpleNamespace(Popen=popen, DEVNULL=subprocess.DEVNULL))


def _keep() -> None:
    _kept.extend(os.open(os.devnull, os.O_RDONLY) for _ in range(3))
