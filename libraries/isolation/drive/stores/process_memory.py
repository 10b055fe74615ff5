"""What a process holds: its private memory, environment, command line, and the files that it has open.

Read from ``/proc/PID``; that needs the same user without further protection, or root. What may not be read is named,
so that a judge can say INCONCLUSIVE instead of taking "not looked at" for "nothing found".
"""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from isolation.record.secrets.pieces import NotReadable

CHUNK_BYTES: Final = 4 * 2**20
"""Size of one piece; a multiple of the page size."""
MAXIMUM_FILE_BYTES: Final = 64 * 2**20
"""How much of each open file and of each shared mapping is read."""
_PAGE: Final = mmap.PAGESIZE
_MEMORY_DEVICES: Final = ("/dev/zero", "/dev/shm/")
"""What the kernel calls memory that processes share, without a name or by a name."""
_KERNEL_REGIONS: Final = ("[vvar]", "[vvar_vclock]", "[vsyscall]", "[vdso]")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of what a process holds.

    Attributes:
        place: Where it was, such as ``memory [heap]``, ``shared memory /dev/zero (deleted)``, ``environment``, ``command line`` or ``open file /tmp/a``.
        offset: The address, or the offset in the file.
        data: The bytes. Pieces of one place whose offsets join are one stream: scan them with one `StreamScanner`.
        continues: Whether it joins the piece before it.
    """

    place: str
    offset: int
    data: bytes
    continues: bool = False


@dataclass(frozen=True, slots=True)
class _Region:
    start: int
    end: int
    name: str
    shared: bool = False


def process_contents(
    pid: int, *, chunk_bytes: int = CHUNK_BYTES, file_bytes: int = MAXIMUM_FILE_BYTES
) -> Iterator[Chunk | NotReadable]:
    """Everything that ``pid`` holds, piece by piece.

    Args:
        pid: The process. The caller checks by its start time that it still is the one it means.
        chunk_bytes: Size of one piece of memory, a multiple of 4096.
        file_bytes: How much of each open regular file and of each shared mapping is read.

    Yields:
        Pieces, and for everything that could not be read what and why. A process that is gone gives only the latter.
    """
    yield from _small_file(pid, "environ", "environment")
    yield from _small_file(pid, "cmdline", "command line")
    yield from _memory(pid, chunk_bytes, file_bytes)
    yield from _open_files(pid, chunk_bytes, file_bytes)


def _small_file(pid: int, name: str, place: str) -> Iterator[Chunk | NotReadable]:
    try:
        yield Chunk(place, 0, Path(f"/proc/{pid}/{name}").read_bytes())
    except OSError as error:
        yield NotReadable(place, _words(error))


def _memory(pid: int, chunk_bytes: int, shared_bytes: int) -> Iterator[Chunk | NotReadable]:
    try:
        maps = Path(f"/proc/{pid}/maps").read_text(errors="replace")
        memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    except OSError as error:
        yield NotReadable("memory", _words(error))
        return
    try:
        for region in _fillable(maps):
            if region.shared:
                yield from _shared(memory, region, chunk_bytes, shared_bytes)
                continue
            for part in _written(pid, region):
                yield from _region(memory, part, chunk_bytes)
    finally:
        os.close(memory)


def _fillable(maps: str) -> Iterator[_Region]:
    """The readable mappings that this process can have filled, or others that share them with it."""
    for line in maps.splitlines():
        fields = line.split(maxsplit=5)
        name = fields[5] if len(fields) > 5 else "anonymous"
        is_device = name.startswith("/dev/") and not name.startswith(_MEMORY_DEVICES)
        readable, writable, shared = fields[1][0] == "r", fields[1][1] == "w", fields[1][3] == "s"
        if readable and (writable or shared) and name not in _KERNEL_REGIONS and not is_device:
            start, end = (int(address, 16) for address in fields[0].split("-"))
            yield _Region(start, end, name, shared)


def _shared(memory: int, region: _Region, chunk_bytes: int, most: int) -> Iterator[Chunk | NotReadable]:
    """A shared mapping from its beginning, whatever this process has touched: what others wrote is there to be read."""
    end = min(region.end, region.start + most)
    yield from _region(memory, replace(region, end=end), chunk_bytes)
    if end < region.end:
        reason = f"only the first {most} bytes are read"
        yield NotReadable(f"shared memory {region.name}", reason, region.end - end)


def _written(pid: int, region: _Region) -> list[_Region]:
    """The parts of a private mapping that have pages, in memory or swapped out; the rest was never touched and holds nothing.

    Source: bits 63 and 62 of ``/proc/PID/pagemap``, Documentation/admin-guide/mm/pagemap.rst of the kernel. Where that file
    cannot be read, the whole mapping.
    """
    pages = (region.end - region.start) // _PAGE
    try:
        with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as pagemap:
            entries = np.frombuffer(os.pread(pagemap.fileno(), 8 * pages, region.start // _PAGE * 8), dtype="<u8")
    except OSError:
        return [region]
    if len(entries) < pages:
        return [region]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], entries >> np.uint64(62) > 0, [False])).astype(np.int8)))
    return [
        replace(region, start=region.start + int(first) * _PAGE, end=region.start + int(end) * _PAGE)
        for first, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def _region(memory: int, region: _Region, chunk_bytes: int) -> Iterator[Chunk | NotReadable]:
    """The pages of a mapping. A page that cannot be read is skipped, named, and breaks the stream."""
    place = f"{'shared ' if region.shared else ''}memory {region.name}"
    position, joined, missed = region.start, False, 0
    reason = ""
    while position < region.end:
        wanted = min(chunk_bytes, region.end - position)
        try:
            data = os.pread(memory, wanted, position)
        except OSError as error:
            data, reason = b"", _words(error)
        if data:
            yield Chunk(place, position, data, joined)
            position += len(data)
            joined = True
        else:
            reason = reason or "the mapping ended early"
            missed += min(_PAGE, region.end - position)
            position += _PAGE
            joined = False
    if missed:
        yield NotReadable(place, reason, missed)


def _open_files(pid: int, chunk_bytes: int, file_bytes: int) -> Iterator[Chunk | NotReadable]:
    """The names of all open files, and the contents of the regular ones, deleted ones included."""
    folder = f"/proc/{pid}/fd"
    try:
        handles = sorted(os.listdir(folder), key=int)
    except OSError as error:
        yield NotReadable("open files", _words(error))
        return
    seen: set[tuple[int, int]] = set()
    for handle in handles:
        link = f"{folder}/{handle}"
        try:
            target = os.readlink(link)
            status = os.stat(link)
        except FileNotFoundError:
            continue  # Closed since the folder was listed: no longer held.
        except OSError as error:
            yield NotReadable(f"open file {handle}", _words(error))
            continue
        yield Chunk(f"name of open file {handle}", 0, os.fsencode(target))
        if stat.S_ISREG(status.st_mode) and (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            yield from _file(link, target, status.st_size, chunk_bytes, file_bytes)


def _file(link: str, target: str, size: int, chunk_bytes: int, file_bytes: int) -> Iterator[Chunk | NotReadable]:
    place = f"open file {target}"
    position = 0
    try:
        with open(link, "rb", buffering=0) as file:
            while position < file_bytes:
                data = file.read(min(chunk_bytes, file_bytes - position))
                if not data:
                    return
                yield Chunk(place, position, data, position > 0)
                position += len(data)
    except OSError as error:
        yield NotReadable(place, _words(error), max(0, size - position))
        return
    if size > position:
        yield NotReadable(place, f"only the first {file_bytes} bytes are read", size - position)


def _words(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(error, FileNotFoundError | ProcessLookupError):
        return "the process is gone"
    return error.strerror or type(error).__name__
