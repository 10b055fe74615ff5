"""Getting hold of a platform: starting it as the target file says, or finding it where it runs."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from isolation.drive.platform.doors import Doors, doors_of
from isolation.drive.platform.guard import Guard
from isolation.target.model import Launch, Target
from isolation.target.model.surroundings import PidInLine
from process_control.reading import ProcessGone

_LIBRARIES = Path(__file__).resolve().parents[3]
_LAST_LINES_S = 1.0
_LOOK_EVERY_S = 0.05
_ENDED_WELL = (0, -signal.SIGTERM, 128 + signal.SIGTERM)


class LaunchError(Exception):
    """The platform could not be started or is not there; the sentence says what was tried and what it said."""


class Platform:
    """A platform that the suite may use; one that it started, it also ends.

    Args:
        target: Description of the platform.
        extra: More words for the command line, such as ``--defect``.
        substitutions: What stands for ``{name}`` in the words of the command.
    """

    def __init__(
        self, target: Target, extra: list[str] | None = None, substitutions: dict[str, str] | None = None
    ) -> None:
        """Remember what to start; nothing is started yet."""
        self._target = target
        self._extra = extra or []
        self._substitutions = substitutions or {}
        self._process: subprocess.Popen[str] | None = None
        self._complaints: IO[str] | None = None
        self._lines: list[str] = []
        self._new_line = threading.Event()
        self._reader: threading.Thread | None = None
        self._guard: Guard | None = None

    def open(self) -> Doors:
        """Start the platform, or read where it is.

        Raises:
            LaunchError: When it does not become ready; the sentence holds what it said.
            SettingsError: When its credentials cannot be read.
        """
        launch = self._target.launch
        if launch is None:
            return doors_of(self._target, {})
        self._start(launch)
        try:
            line = self._until_ready(launch)
            assert self._process is not None
            pid = self._process.pid
            if isinstance(launch.pid, PidInLine):
                pid = self._pid_in(line, launch.pid.line)
            return doors_of(self._target, line, pid)
        except BaseException:
            self.close(2.0)
            raise

    def ended(self, within_s: float = 0.0) -> str:
        """How a platform that the suite started ended by itself, in words; empty while it runs, or was not started here.

        Args:
            within_s: How long to wait for its end: doors close before a process is gone.
        """
        if self._process is None:
            return ""
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return ""
        return f"{_how(code)}; its last words: {self._last_words()}"

    def close(self, patience_s: float = 10.0) -> str:
        """End the platform when the suite started it.

        Returns:
            Empty, or a sentence when it did not end gracefully.
        """
        process, self._process = self._process, None
        if process is None:
            return ""
        if self._guard is not None:
            self._guard.dismiss()
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._end_group(process.pid)
            process.wait()
            return f"the platform did not end within {patience_s:g} s of SIGTERM and was killed"
        if self._end_group(process.pid):
            return "the platform left processes behind when it ended; they were killed"
        return "" if code in _ENDED_WELL else f"the platform ended with {_how(code)}: {self._last_words()}"

    def _start(self, launch: Launch) -> None:
        own_python = launch.command[0] == "python"
        program = sys.executable if own_python else launch.command[0]
        command = [program, *(self._filled(word) for word in launch.command[1:]), *self._extra]
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - read again when it fails
        environment = {**os.environ, **launch.environment}
        if own_python:
            path = [str(_LIBRARIES), environment.get("PYTHONPATH", "")]
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                text=True,
                errors="replace",
                env=environment,
                cwd=self._folder(launch),
                process_group=0,
            )
        except OSError as error:
            raise LaunchError(f"'{' '.join(command)}' cannot be started: {error.strerror}") from None
        with contextlib.suppress(ProcessGone):  # what has ended already needs no guard
            self._guard = Guard(self._process.pid)
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def _folder(self, launch: Launch) -> str | None:
        source = Path(self._target.source).parent if self._target.source else Path()
        return str(source / launch.folder) if launch.folder is not None else str(source)

    def _filled(self, word: str) -> str:
        for name, filling in self._substitutions.items():
            word = word.replace(f"{{{name}}}", filling)
        return word

    def _read(self, stdout: IO[str]) -> None:
        """A platform that goes on talking must never find the pipe full; only what it said until ready is kept."""
        for line in stdout:
            if len(self._lines) < 10_000:
                self._lines.append(line)
            self._new_line.set()
        self._new_line.set()

    def _until_ready(self, launch: Launch) -> Mapping[str, object]:
        ready = launch.ready
        if ready.line is not None:
            return self._until_line(ready.line, launch.within)
        if ready.http is not None:
            address, status = ready.http, ready.status
            self._until(lambda: _answers(address, status), launch.within)
        elif ready.port is not None:
            port = ready.port
            self._until(lambda: _listens(port), launch.within)
        return {}

    def _until_line(self, wanted: str, within_s: float) -> Mapping[str, object]:
        deadline = time.monotonic() + within_s
        pattern = None if wanted == "json" else re.compile(wanted)
        seen = 0
        while True:
            code = self._ended_with()
            for line in self._lines[seen:]:
                seen += 1
                if pattern is None:
                    return self._as_json(line)
                if pattern.search(line):
                    return {}
            self._check(code, deadline, within_s)
            self._new_line.wait(_LOOK_EVERY_S)
            self._new_line.clear()

    def _until(self, is_ready: Callable[[], bool], within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while not is_ready():
            self._check(self._ended_with(), deadline, within_s)
            time.sleep(_LOOK_EVERY_S)

    def _ended_with(self) -> int | None:
        """The exit code of the platform, after all that it said has been read; None while it runs."""
        assert self._process is not None
        code = self._process.poll()
        if code is not None and self._reader is not None:
            self._reader.join(_LAST_LINES_S)
        return code

    def _check(self, code: int | None, deadline: float, within_s: float) -> None:
        if code is not None:
            raise LaunchError(f"the platform '{self._target.name}' did not start ({_how(code)}): {self._last_words()}")
        if time.monotonic() > deadline:
            words = self._last_words()
            raise LaunchError(f"the platform '{self._target.name}' was not ready within {within_s:g} s: {words}")

    def _as_json(self, line: str) -> Mapping[str, object]:
        try:
            said = json.loads(line)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise LaunchError(f"the platform did not say that it is ready, but '{line.strip()[:200]}'")
        return said

    @staticmethod
    def _pid_in(line: Mapping[str, object], name: str) -> int:
        pid = line.get(name)
        if not isinstance(pid, int) or isinstance(pid, bool) or pid < 2:
            raise LaunchError(f"the platform's JSON line has no process id in its field '{name}'")
        return pid

    def _end_group(self, pid: int) -> bool:
        """Kill what is left of the group that was started here; whether anything was."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
            return True
        return False

    def _last_words(self) -> str:
        time.sleep(0.05)
        if self._complaints is None:
            return "it said nothing"
        self._complaints.seek(0)
        complaints = self._complaints.read(1_000_000).splitlines()
        # The line with which it was ready is no complaint.
        lines = [line for line in (complaints or self._lines) if line.strip() and not line.startswith("{")]
        return lines[-1].strip()[:500] if lines else "it said nothing"


def _how(code: int) -> str:
    return f"signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"exit code {code}"


def _answers(address: str, status: int) -> bool:
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        return connection.getresponse().status == status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False
