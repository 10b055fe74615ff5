"""What real software is started with: an environment from a lock file, free ports, its processes and their end."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

_PATIENCE_S = 170.0
_LOOK_EVERY_S = 0.05


class Stage:
    """One piece of software, with everything that was started for it."""

    def __init__(self, source: Path, environment: Path, configuration: str = "") -> None:
        """Nothing has been started.

        Args:
            source: Folder of its description.
            environment: Where it is installed.
            configuration: Which of its configurations is meant, where it has several.
        """
        self.source = source
        self.environment = environment
        self.configuration = configuration
        self.folder = Path(tempfile.mkdtemp(prefix=f"real-software-{source.name}-"))
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def python(self) -> str:
        """The Python of the environment."""
        return str(self.environment / "bin" / "python")

    def start(self, *command: str, user: str | None = None, **variables: str) -> subprocess.Popen[bytes]:
        """Start a process; its output is a complaint, never the ready line."""
        inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        process = subprocess.Popen(
            command, cwd=self.folder, env={**inherited, **variables}, stdin=subprocess.DEVNULL, stdout=sys.stderr, user=user
        )  # fmt: skip
        self._processes.append(process)
        return process

    def postgresql(self) -> str:
        """Start a PostgreSQL of its own, and give the address of an empty database."""
        programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name))
        data, port = self.folder / "data", free_port()
        data.mkdir()
        user = "postgres" if os.geteuid() == 0 else None
        if user is not None:
            self.folder.chmod(0o755)
            os.chown(data, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        subprocess.run(
            [str(programs / "initdb"), "-D", str(data), "-U", "app", "-A", "trust", "-N", "-E", "UTF8"],
            check=True, user=user, cwd="/", stdout=sys.stderr,
        )  # fmt: skip
        options = ["-h", "127.0.0.1", "-p", str(port), "-k", str(data), "-c", "fsync=off", "-c", "shared_buffers=32MB"]
        self.start(str(programs / "postgres"), "-D", str(data), *options, user=user)
        create = [str(programs / "psql"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "app", "-d", "postgres"]
        self.until(lambda: _succeeds([*create, "-c", "create database app"]))
        return f"postgresql://app@127.0.0.1:{port}/app"

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so; a process that has ended, or no patience left, is an error."""
        end = time.monotonic() + _PATIENCE_S
        while not is_so():
            ended = [one for one in self._processes if one.poll() is not None]
            if ended or time.monotonic() > end:
                raise SystemExit(f"{self.source.name} did not start: {ended[0].args if ended else 'late'}")
            time.sleep(_LOOK_EVERY_S)

    def answers(self, url: str) -> bool:
        """Whether an address answers with success."""
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:
                return 200 <= reply.status < 300
        except OSError:
            return False

    def run(self, line: Mapping[str, object]) -> None:
        """Say that everything is ready, and wait for SIGTERM or for the end of a process."""
        print(json.dumps(dict(line)), flush=True)
        while all(process.poll() is None for process in self._processes):
            time.sleep(_LOOK_EVERY_S)

    def close(self) -> None:
        """End what was started, the last first."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """A port of the loopback address that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody listens on a port of the loopback address."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def ended_by_sigterm() -> None:
    """Let SIGTERM end this program as an exception would, so that what it started is ended too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
