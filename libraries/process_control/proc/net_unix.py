"""``/proc/net/unix``: sockets of this machine that have a name, among them abstract ones (``unix(7)``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_LISTENING = 0x10000


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """One named socket.

    Attributes:
        inode: Its number, as in ``socket:[NUMBER]`` of ``/proc/PID/fd``.
        name: A path, or an ``@`` and the abstract name.
        listening: Whether somebody waits for connections there.
    """

    inode: int
    name: str
    listening: bool

    @property
    def is_abstract(self) -> bool:
        """Whether it has a name in no file system: everybody in the network namespace may try to connect."""
        return self.name.startswith("@")


def read_unix_sockets(proc: Path = PROC, pid: int | None = None) -> list[UnixSocket]:
    """All sockets with a name.

    Args:
        pid: A process whose network namespace is meant; this one's when left out.

    Raises:
        OSError: The file cannot be read here.
    """
    file = proc / "net/unix" if pid is None else proc / str(pid) / "net/unix"
    lines = file.read_text("utf-8", "replace").splitlines()[1:]
    found = []
    for line in lines:
        words = line.split(None, 7)
        if len(words) == 8:
            found.append(UnixSocket(int(words[6]), words[7], bool(int(words[3], 16) & _LISTENING)))
    return found
