"""Where an engine runs, and whether it can do there what is asked of it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from process_control.boot_id import monotonic_clock_id

_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}
_REACH_S = 5.0


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Which process an engine is.

    Attributes:
        host: Name of its machine.
        pid: Process id there.
        clock: Which monotonic clock it reads; empty when that is not known.
        source: Fingerprint of the source that it runs: engines of one run have to be the same.
    """

    host: str
    pid: int
    clock: str
    source: str

    @classmethod
    def here(cls) -> Whereabouts:
        """Of this process."""
        return cls(socket.gethostname(), os.getpid(), monotonic_clock_id(), _fingerprint())


async def unreachable(address: str) -> str:
    """Why no TCP connection to an address can be made; empty when one can, or when the address names no host.

    Args:
        address: Such as ``wss://host:443/path``.
    """
    parts = urlsplit(address)
    port = parts.port or _PORTS.get(parts.scheme)
    if not parts.hostname or port is None:
        return ""
    try:
        async with asyncio.timeout(_REACH_S):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except TimeoutError:
        return f"no connection within {_REACH_S:g} s"
    except OSError as error:
        return str(error.strerror or error)
    writer.close()
    return ""


@cache
def _fingerprint() -> str:
    """Over every Python file of the package."""
    folder = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.relative_to(folder).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
