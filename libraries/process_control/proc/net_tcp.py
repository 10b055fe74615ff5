"""``/proc/net/tcp`` and ``/proc/net/tcp6``: TCP connections of this machine (``proc_net(5)``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
#: In the kernel's ``include/net/tcp_states.h``.
ESTABLISHED, CLOSE_WAIT, LISTENING = 0x01, 0x08, 0x0A


@dataclass(frozen=True, slots=True)
class TcpConnection:
    """One connection, as one of its ends sees it.

    Attributes:
        local_port: The port at this end.
        remote: Address and port of the other end, as the kernel writes them (hexadecimal digits).
        state: A number, such as ``ESTABLISHED``.
    """

    local_port: int
    remote: str
    state: int


def read_tcp_connections(proc: Path = PROC) -> list[TcpConnection]:
    """All connections of both address families. No process is asked whose they are, so it is quick.

    Raises:
        OSError: They cannot be read here.
    """
    found = []
    for table in ("tcp", "tcp6"):
        for line in (proc / "net" / table).read_text("utf-8").splitlines()[1:]:
            words = line.split()
            found.append(TcpConnection(int(words[1].rpartition(":")[2], 16), words[2], int(words[3], 16)))
    return found
