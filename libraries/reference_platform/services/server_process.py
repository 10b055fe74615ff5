"""A server as a child process that never outlives the process that started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypedDict

from process_control.signals import die_with_parent
from reference_platform.services.errors import ServiceError
from reference_platform.services.identity import Identity
from reference_platform.services.private_folder.space import without_space

_PORT_TAKEN = "ddress already in use"
_LOG_TAIL_CHARACTERS = 600
_ATTEMPTS = 8


class PortTaken(Exception):
    """Somebody else took the port between choosing it and binding it."""


class ServerProcess:
    """One running server: its process and its log file."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        """Use ``launch``; this only keeps what it made."""
        self.name = name
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @classmethod
    def launch(
        cls,
        name: str,
        command: Sequence[str],
        identity: Identity,
        folder: Path,
        log: Path,
        orphan_signal: signal.Signals,
        configuration: bytes = b"",
    ) -> ServerProcess:
        """Start a server.

        Args:
            name: What error messages call it.
            command: Program and arguments; no secret may stand in them.
            identity: As whom it runs.
            folder: Its working folder.
            log: File that receives what it prints.
            orphan_signal: What the kernel sends it when this process dies.
            configuration: What it reads from its standard input.

        Raises:
            ServiceError: When the program cannot be run.
        """
        require_main_thread()
        with log.open("ab") as output:
            try:
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=clean_environment(),
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # Ctrl-C reaches the whole process group of a terminal; the owner decides when a server stops.
                    start_new_session=True,
                    preexec_fn=partial(die_with_parent, os.getpid(), orphan_signal),
                    **switch_user(identity),
                )
            except (OSError, subprocess.SubprocessError) as error:
                raise ServiceError(f"{name} cannot be run: {error}") from None
        assert process.stdin is not None
        process.stdin.write(configuration)
        process.stdin.close()
        return cls(name, process, log)

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait for the server to be ready.

        Args:
            ready: Asks whether it is.
            seconds: How long it may take.

        Raises:
            PortTaken: When it ended because its port was taken.
            ServiceError: When it ended, or took too long; the message ends with the last lines of its log.
        """
        end = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None:
                tail = self.log_tail()
                if _PORT_TAKEN in tail:
                    raise PortTaken
                without_space(tail, self.log)
                code = self._process.returncode
                raise ServiceError(f"{self.name} did not start (exit code {code}); its log ends with: {tail}")
            if time.monotonic() > end:
                self.stop(signal.SIGKILL, 1.0)
                tail = self.log_tail()
                raise ServiceError(f"{self.name} was not ready after {seconds:.0f} s; its log ends with: {tail}")
            time.sleep(0.01)

    def stop(self, signal_number: signal.Signals, seconds: float) -> None:
        """End the server and collect it.

        Args:
            signal_number: The server's own signal for a quick orderly stop.
            seconds: After that it is killed.
        """
        if self._process.poll() is None:
            self._process.send_signal(signal_number)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def log_tail(self) -> str:
        """The last lines of the log, as one line."""
        text = self.log.read_text(errors="replace")[-_LOG_TAIL_CHARACTERS:] if self.log.exists() else ""
        return " | ".join(line.strip() for line in text.splitlines() if line.strip()) or "(nothing)"


def clean_environment() -> dict[str, str]:
    """What a server needs of the environment: nothing that could hold a secret of ours."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


class UserArguments(TypedDict, total=False):
    """Arguments of ``subprocess`` that choose the user of a child."""

    user: int
    group: int
    extra_groups: list[int]


def switch_user(identity: Identity) -> UserArguments:
    """Arguments for ``subprocess`` that make a child run as that identity."""
    if not identity.dropped:
        return UserArguments()
    return UserArguments(user=identity.user, group=identity.group, extra_groups=[])


def require_main_thread() -> None:
    """Refuse to create a server on a thread that may end before the process does.

    Raises:
        ServiceError: On another thread: the kernel ends the server together with the thread that created it.
    """
    if threading.current_thread() is not threading.main_thread():
        raise ServiceError("The stores should be started on the main thread: they end with the thread that starts them")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def on_a_free_port(name: str, start: Callable[[int], ServerProcess], port: int | None) -> tuple[ServerProcess, int]:
    """Start a server on the given port or on a free one; another free one when somebody was quicker.

    Args:
        name: What error messages call the server.
        start: Starts it on a port and waits until it is ready; raises ``PortTaken``.
        port: The only port that will do, or None for any.

    Raises:
        ServiceError: When the given port is in use, or no free port could be had.
    """
    for _ in range(1 if port is not None else _ATTEMPTS):
        chosen = port if port is not None else free_port()
        try:
            return start(chosen), chosen
        except PortTaken:
            continue
    if port is not None:
        raise ServiceError(f"{name} cannot use port {port} of 127.0.0.1: it is in use; choose another one or none")
    raise ServiceError(f"{name} found no free port of 127.0.0.1 in {_ATTEMPTS} attempts")
