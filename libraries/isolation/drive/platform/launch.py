"""Getting hold of a platform: starting it as the target file says, or finding it where it runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from isolation.settings.errors import SettingsError
from isolation.target.target import Launch, Target

_LIBRARIES = Path(__file__).resolve().parents[3]


class LaunchError(Exception):
    """The platform could not be started or is not there; the sentence says what was tried and what it said."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Where a platform is and how the operator gets in.

    Attributes:
        tenant_door: WebSocket address for tenants.
        operator_door: WebSocket address for the operator, or empty.
        secrets: Credentials and store addresses by name, as in the credentials file; never shown.
        pid: Process of the platform when the suite started it, else 0.
        quota_mechanism: How the platform says that it enforces quotas, where it says so at the start.
    """

    tenant_door: str
    operator_door: str
    secrets: dict[str, str] = field(repr=False)
    pid: int = 0
    quota_mechanism: str = "not stated"

    def secret(self, name: str) -> str:
        """A credential or address by its name in the credentials file or in the environment.

        Raises:
            SettingsError: When neither has it.
        """
        value = self.secrets.get(name) or os.environ.get(name)
        if not value:
            raise SettingsError(
                f"the target needs '{name}', which is neither in its credentials file nor an environment variable"
            )
        return value


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
        self._fillings = substitutions or {}
        self._process: subprocess.Popen[str] | None = None
        self._complaints: IO[str] | None = None

    def open(self) -> Doors:
        """Start the platform, or read where it is.

        Raises:
            LaunchError: When it does not become ready; the sentence holds what it said.
            SettingsError: When its credentials cannot be read.
        """
        if self._target.launch is not None:
            return self._start(self._target.launch)
        doors = self._target.doors
        assert doors is not None, "the target file has been checked for one of the two"
        secrets = _read_secrets(Path(doors.credentials_file)) if doors.credentials_file else {}
        return Doors(doors.tenant_door, doors.operator_door or "", secrets)

    def ended(self) -> str:
        """How a platform that the suite started ended by itself, in words; empty while it runs, or was not started here."""
        code = self._process.poll() if self._process is not None else None
        if code is None:
            return ""
        how = f"signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"exit code {code}"
        return f"{how}; its last words: {self._last_words()}"

    def close(self, patience_s: float = 10.0) -> str:
        """End the platform when the suite started it.

        Returns:
            Empty, or a sentence when it did not end politely.
        """
        process, self._process = self._process, None
        if process is None:
            return ""
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return f"the platform did not end within {patience_s:g} s of SIGTERM and was killed"
        return "" if code == 0 else f"the platform ended with exit code {code}: {self._last_words()}"

    def _start(self, launch: Launch) -> Doors:
        program = sys.executable if launch.command[0] == "python" else launch.command[0]
        command = [program, *(self._filled(word) for word in launch.command[1:]), *self._extra]
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - read again when it fails
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_LIBRARIES), os.environ.get("PYTHONPATH", "")])}
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                text=True,
                env=environment,
                process_group=0,
            )
        except OSError as error:
            raise LaunchError(f"'{' '.join(command)}' cannot be started: {error.strerror}") from None
        line = self._first_line(launch.ready_within)
        try:
            ready = json.loads(line)
            secrets = _read_secrets(Path(ready[launch.credentials_file]))
            return Doors(
                tenant_door=str(ready[launch.tenant_door]),
                operator_door=str(ready.get(launch.operator_door, "")),
                secrets=secrets,
                pid=int(ready[launch.process]),
                quota_mechanism=str(ready.get("quota_mechanism", "not stated")),
            )
        except (ValueError, KeyError, TypeError) as error:
            self.close(2.0)
            raise LaunchError(
                f"'{' '.join(command)}' did not say that it is ready, but '{line.strip()[:200]}' ({error})"
            ) from None

    def _filled(self, word: str) -> str:
        for name, filling in self._fillings.items():
            word = word.replace(f"{{{name}}}", filling)
        return word

    def _first_line(self, within_s: float) -> str:
        assert self._process is not None and self._process.stdout is not None
        lines: list[str] = []
        first = threading.Event()
        stdout = self._process.stdout

        def read() -> None:
            lines.append(stdout.readline())
            first.set()
            for _ in stdout:  # a platform that goes on talking must never find the pipe full
                pass

        threading.Thread(target=read, daemon=True).start()
        first.wait(within_s)
        if lines and lines[0]:
            return lines[0]
        ended = self._process.poll() is not None or bool(lines)
        words = self._last_words()
        self.close(2.0)
        if ended:
            raise LaunchError(f"the platform '{self._target.name}' did not start: {words}")
        raise LaunchError(f"the platform '{self._target.name}' was not ready within {within_s:g} s: {words}")

    def _last_words(self) -> str:
        time.sleep(0.05)
        if self._complaints is None:
            return "it said nothing"
        self._complaints.seek(0)
        lines = [line for line in self._complaints.read().splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"


def _read_secrets(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(value) for name, value in content.items() if value is not None}
    except (OSError, ValueError, AttributeError) as error:
        raise SettingsError(f"the credentials file {path} cannot be read: {error}") from None
