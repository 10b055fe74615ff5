"""Starts ``python -m reference_platform`` as anybody would, and watches what it leaves."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from websockets.asyncio.client import ClientConnection, connect

import reference_platform
from process_control import ProcessGone
from process_control.family import descendants, is_running, started_ticks
from reference_platform.services.private_folder.folder import passable

LIBRARIES = str(Path(reference_platform.__file__).resolve().parents[1])
Processes = dict[int, int]


def environment(**more: str) -> dict[str, str]:
    """A plain environment in which the platform can be started from any folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TEST_")}
    return {**kept, "PYTHONPATH": LIBRARIES, **more}


def shown(pid: int, name: str) -> bytes:
    """What ``/proc`` shows of a process; nothing when it has just ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # ended before the file was opened, or before it was read
        return b""


def as_ordinary_user(folder: Path) -> dict[str, Any]:
    """How root starts a platform as an ordinary user.

    Args:
        folder: For temporary files; given to that user.

    Returns:
        Arguments for ``PlatformProgram``. Skips the test when that user cannot run this Python.
    """
    nobody = pwd.getpwnam("nobody")
    command = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", "--no-new-privs"]
    if not passable(Path(os.path.realpath(sys.executable)), nobody.pw_uid, nobody.pw_gid):
        # A Python below /root: the user may read and enter everything, and has no other privilege.
        command += ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
    if shutil.which(command[0]) is None or subprocess.run([*command, "true"], check=False).returncode != 0:
        pytest.skip("setpriv (util-linux) is not there or may not change the user")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"folder": folder, "prefix": command, "variables": {"HOME": str(folder)}}


class PlatformProgram:
    """One started platform.

    Args:
        arguments: After ``python -m reference_platform``.
        folder: For temporary files; the platform's own folder is made there.
        prefix: A command in front of it, such as a shell.
        options: For ``subprocess.Popen``.
    """

    def __init__(
        self,
        *arguments: str,
        folder: Path | None = None,
        prefix: list[str] | None = None,
        **options: Any,
    ) -> None:
        temporary = {} if folder is None else {"TMPDIR": str(folder)}
        self.process = subprocess.Popen(
            [*(prefix or []), sys.executable, "-m", "reference_platform", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env=environment(**temporary, **options.pop("variables", {})),
            **options,
        )
        self.ready: dict[str, Any] = {}
        self.seen: Processes = {}

    def wait_until_ready(self) -> dict[str, Any]:
        """The ready line."""
        assert self.process.stdout is not None and self.process.stderr is not None
        assert select.select([self.process.stdout], [], [], 60)[0], "no ready line within 60 s"
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"it did not start: {self.process.stderr.read()}")
        self.ready = json.loads(line)
        self.look()
        return self.ready

    def look(self) -> Processes:
        """Remember every process below the supervisor."""
        for pid in [self.ready.get("pid", self.process.pid), *descendants(self.process.pid)]:
            try:
                self.seen[pid] = started_ticks(pid)
            except ProcessGone:
                continue
        return self.seen

    def left(self) -> list[str]:
        """What is left of it: processes and its folder."""
        found = [
            shown(pid, "cmdline").replace(b"\0", b" ").decode()[:120]
            for pid, ticks in self.seen.items()
            if is_running(pid, ticks)
        ]
        if self.ready and Path(self.ready["folder"]).exists():
            found.append(self.ready["folder"])
        return found

    def wait_until_nothing_left(self, seconds: float) -> None:
        """Wait until neither process nor file is left."""
        end = time.monotonic() + seconds
        while self.left():
            assert time.monotonic() < end, f"left after {seconds} s: {self.left()}"
            time.sleep(0.02)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(15)

    def clean_up(self) -> None:
        """End whatever a failed test left."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        for pid, ticks in self.seen.items():
            if is_running(pid, ticks):
                os.kill(pid, signal.SIGKILL)

    def credentials(self) -> dict[str, Any]:
        """The credentials file."""
        found: dict[str, Any] = json.loads(Path(self.ready["credentials_file"]).read_text())
        return found

    def token(self, tenant: str, user: str) -> str:
        """A token that the platform accepts."""
        now = int(time.time())
        claims = {
            "iss": "reference-platform-auth",
            "aud": "agent-platform",
            "sub": user,
            "tenant": tenant,
            "role": "standard",
            "iat": now,
            "nbf": now,
            "exp": now + 600,
            "jti": f"{tenant}-{user}-{time.monotonic_ns()}",
        }
        return jwt.encode(claims, self.credentials()["jwt_secret"], algorithm="HS256")

    def session(self, tenant: str = "acme", user: str = "ann") -> connect:
        """A session of a user, to be entered."""
        return connect(
            self.ready["tenant_endpoint"],
            additional_headers={"Authorization": f"Bearer {self.token(tenant, user)}"},
            proxy=None,
        )

    def operator(self) -> connect:
        """The operator's connection, to be entered."""
        bearer = f"Bearer {self.credentials()['operator_credential']}"
        return connect(self.ready["operator_api"], additional_headers={"Authorization": bearer}, proxy=None)


async def ask(connection: ClientConnection, **message: Any) -> dict[str, Any]:
    """Send to the operator API and wait for the answer."""
    await connection.send(json.dumps(message))
    answer: dict[str, Any] = json.loads(await connection.recv())
    return answer


async def frames_of(connection: ClientConnection, final: str, **request: Any) -> list[dict[str, Any]]:
    """Send a request; all its frames up to the final one."""
    await connection.send(json.dumps(request))
    frames: list[dict[str, Any]] = []
    async with asyncio.timeout(15):
        while not frames or frames[-1]["event"] not in (final, "agent_error"):
            frame = json.loads(await connection.recv())
            if frame.get("id") == request["id"]:
                frames.append(frame)
    return frames
