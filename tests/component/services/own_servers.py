"""Servers as others have them: started as ordinary processes from Debian's packages, or from the wheel."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

DEBIAN_POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
DEBIAN_REDIS = shutil.which("redis-server")
NO_POSTGRES = "Debian's package postgresql is not installed here"
NO_REDIS = "Debian's package redis-server is not installed here"


@dataclass(frozen=True)
class OwnServer:
    """A server that was started for tests."""

    port: int
    folder: Path
    major: int = 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificate(folder: Path) -> None:
    """A key and a certificate for localhost, signed by itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed here")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-keyout", str(folder / "server.key"), "-out", str(folder / "server.crt")]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "server.key").chmod(0o600)


@contextlib.contextmanager
def debian_postgres(folder: Path) -> Iterator[OwnServer]:
    """Debian's newest PostgreSQL with the superuser ``boss`` (password ``hush``), TCP with TLS, and a socket."""
    if not DEBIAN_POSTGRES:
        pytest.skip(NO_POSTGRES)
    programs, data, port = DEBIAN_POSTGRES[-1], folder / "data", free_port()
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    data.mkdir()
    make_certificate(folder)
    (folder / "password").write_text("hush")
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid)
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    make = [str(programs / "initdb"), "-D", str(data), "-U", "boss", "-A", "scram-sha-256"]
    make += [f"--pwfile={folder / 'password'}", "--no-sync"]
    subprocess.run(make, check=True, capture_output=True, cwd=folder, **who)  # type: ignore[call-overload]
    settings = ["ssl=on", f"ssl_cert_file={folder / 'server.crt'}", f"ssl_key_file={folder / 'server.key'}"]
    settings += [f"unix_socket_directories={folder}", "fsync=off", "listen_addresses=127.0.0.1"]
    serve = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
    serve += [word for setting in settings for word in ("-c", setting)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(serve, cwd=folder, stdout=log, stderr=log, **who)  # type: ignore[call-overload]
    try:
        _wait(lambda: "ready" in _text(data / "postmaster.pid"))
        yield OwnServer(port, folder, int(programs.parent.name))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)


@contextlib.contextmanager
def debian_redis(folder: Path, *options: str) -> Iterator[OwnServer]:
    """Debian's Redis with the password ``hush``, TCP and a socket."""
    if DEBIAN_REDIS is None:
        pytest.skip(NO_REDIS)
    port = free_port()
    command = [DEBIAN_REDIS, "--port", str(port), "--bind", "127.0.0.1", "--requirepass", "hush", "--save", ""]
    command += ["--dir", str(folder), "--unixsocket", str(folder / "redis.sock"), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait(lambda: (folder / "redis.sock").exists())
        yield OwnServer(port, folder)
    finally:
        process.terminate()
        process.wait(10)


def _wait(claim: object, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not claim():  # type: ignore[operator]
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.05)


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""
