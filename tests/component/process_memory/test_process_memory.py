"""What a real process holds is read, and what may not be read is named."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from isolation.drive.stores.process_memory import Chunk, process_contents
from isolation.judge.scan import CHUNK_TAIL, Hit, Scanner, StreamScanner
from isolation.record.secrets.markers import MarkerMint, Recognition, SecretKind, TenantSecrets
from isolation.record.secrets.pieces import NotReadable

HOLDER = """
import os, sys, tempfile
marker = sys.stdin.readline().strip()
wide = marker + "\\u20ac"
number = int(sys.stdin.readline())
real = float(int(sys.stdin.readline()))
kept = tempfile.TemporaryFile()
kept.write(b"deleted file " + marker[::-1].encode())
kept.flush()
named = open(sys.stdin.readline().strip(), "w+")
named.write(marker.upper())
named.flush()
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def mint() -> MarkerMint:
    return MarkerMint("run-one", b"the key of this run")


@pytest.fixture(scope="module")
def plan(mint: MarkerMint) -> list[TenantSecrets]:
    return mint.secrets([(tenant, 0) for tenant in range(20)])


@pytest.fixture
def holder(plan: list[TenantSecrets], tmp_path: Path) -> Iterator[int]:
    """A process that holds secrets of tenant 3 in variables and files, and one of tenant 4 in its environment."""
    environment = {**os.environ, "SETTING": plan[4].markers[SecretKind.API_KEY]}
    arguments = [sys.executable, "-c", HOLDER, plan[5].markers[SecretKind.COMPANY]]
    lines = [
        plan[3].markers[SecretKind.NOTE],
        str(plan[3].numbers[0].value),
        str(plan[3].numbers[1].value),
        str(tmp_path / "notes.txt"),
    ]
    with subprocess.Popen(
        arguments, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n"
        yield process.pid
        process.kill()


def hits_by_place(contents: list[Chunk | NotReadable], scanner: Scanner) -> dict[str, list[Hit]]:
    found: dict[str, list[Hit]] = {}
    stream = StreamScanner(scanner)
    for chunk in contents:
        if isinstance(chunk, Chunk):
            if not chunk.continues:
                stream = StreamScanner(scanner, tail=CHUNK_TAIL, texts=False)
            found.setdefault(chunk.place, []).extend(stream.feed(chunk.data))
    return found


def test_secrets_are_found_in_every_place_of_a_process(
    holder: int, mint: MarkerMint, plan: list[TenantSecrets], tmp_path: Path
) -> None:
    scanner = Scanner(mint, [number for secrets in plan for number in secrets.numbers], binary_numbers=True)
    found = hits_by_place(list(process_contents(holder)), scanner)
    owners = {
        place: {hit.identity.tenant for hit in hits if hit.identity and hit.recognition is Recognition.OWN_RUN}
        for place, hits in found.items()
    }
    assert owners["environment"] == {4}
    assert owners["command line"] == {5}
    assert owners[f"open file {tmp_path / 'notes.txt'}"] == {3}
    assert any(owners[place] == {3} for place in owners if place.startswith(f"open file {tempfile.gettempdir()}/#"))
    memory = [hit for place, hits in found.items() if place.startswith("memory") for hit in hits]
    encodings = {hit.encoding for hit in memory if hit.identity and hit.identity.tenant == 3}
    assert {"plain", "utf-16", "python int", "float64"} <= encodings


def test_a_process_without_secrets_gives_no_hit(mint: MarkerMint, plan: list[TenantSecrets]) -> None:
    scanner = Scanner(mint, [number for secrets in plan for number in secrets.numbers], binary_numbers=True)
    program = [sys.executable, "-c", "print('ready', flush=True)\ninput()"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        contents = list(process_contents(process.pid))
        process.kill()
    assert sum(len(chunk.data) for chunk in contents if isinstance(chunk, Chunk)) > 100_000
    assert not any(hits_by_place(contents, scanner).values())


def test_pieces_of_memory_join_without_gap_or_overlap(holder: int) -> None:
    whole = {}
    for size in (4096 * 4, 2**26):
        pieces = [chunk for chunk in process_contents(holder, chunk_bytes=size) if isinstance(chunk, Chunk)]
        memory = [piece for piece in pieces if piece.place.startswith("memory")]
        for before, after in zip(memory, memory[1:], strict=False):
            assert not after.continues or after.offset == before.offset + len(before.data)
        whole[size] = sum(len(piece.data) for piece in memory)
    assert len(set(whole.values())) == 1


def test_memory_that_was_never_touched_is_not_read_and_the_page_in_its_middle_is() -> None:
    program = (
        "import mmap\nwide = mmap.mmap(-1, 2**29, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
        "wide[2**28 + 100 : 2**28 + 106] = b'needle'\nprint('ready', flush=True)\ninput()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        memory = [
            chunk
            for chunk in process_contents(process.pid)
            if isinstance(chunk, Chunk) and chunk.place.startswith("memory")
        ]
        process.kill()
    assert any(b"needle" in chunk.data and b"2**28" not in chunk.data for chunk in memory)
    assert sum(len(chunk.data) for chunk in memory) < 2**26


def test_a_file_above_the_bound_is_named_as_not_fully_read(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 10_000)
    with open(tmp_path / "large", "rb") as large:
        contents = list(process_contents(os.getpid(), file_bytes=4_000))
        assert not large.closed
    missed = [entry for entry in contents if isinstance(entry, NotReadable) and entry.place.endswith("/large")]
    assert [(entry.bytes_missed, entry.reason) for entry in missed] == [(6_000, "only the first 4000 bytes are read")]


def test_a_process_that_is_gone_is_said_to_be_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    contents = list(process_contents(process.pid))
    assert [type(entry) for entry in contents] == [NotReadable] * 4
    assert {entry.reason for entry in contents if isinstance(entry, NotReadable)} == {"the process is gone"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_process_of_another_user_is_not_readable_and_that_is_said(holder: int) -> None:
    reader = (
        "import os, sys; os.setgid(65534); os.setuid(65534)\n"
        "from isolation.drive.stores.process_memory import NotReadable, process_contents\n"
        "for entry in process_contents(int(sys.argv[1])):\n"
        "    print(type(entry).__name__, getattr(entry, 'reason', ''), entry.place, sep='|')\n"
    )
    # The code is handed over as text: the other user need not be allowed to read this folder.
    source = Path(sys.modules[process_contents.__module__].__file__ or "").read_text()
    script = source + "\n" + "\n".join(line for line in reader.splitlines() if not line.startswith("from "))
    done = subprocess.run([sys.executable, "-c", script, str(holder)], capture_output=True, text=True, check=False)
    if done.returncode and "Permission" in done.stderr:
        pytest.skip("the other user cannot start this Python")
    lines = [line.split("|") for line in done.stdout.splitlines()]
    assert ["NotReadable", "permission denied", "memory"] in lines
    assert ["NotReadable", "permission denied", "environment"] in lines
    assert ["NotReadable", "permission denied", "open files"] in lines
    assert all(line[0] == "NotReadable" or line[2] == "command line" for line in lines)


SHARING = """
import mmap, os
spool = open("spool", "w+b")
spool.truncate(8192)
maps = [mmap.mmap(-1, 8192), mmap.mmap(spool.fileno(), 8192)]
read_only = mmap.mmap(spool.fileno(), 8192, access=mmap.ACCESS_READ)
spool.close()
if os.fork() == 0:
    for number, shared in enumerate(maps):
        shared[4196:4203] = b"needle%d" % number
    os._exit(0)
os.wait()
print("ready", flush=True)
input()
"""


@pytest.mark.parametrize(("most", "found"), [(64 * 2**20, True), (4096, False)])
def test_shared_memory_is_read_whoever_wrote_it(tmp_path: Path, most: int, found: bool) -> None:
    command = [sys.executable, "-c", SHARING]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        entries = [e for e in process_contents(process.pid, file_bytes=most) if e.place.startswith("shared memory")]
        process.kill()
    held = b"".join(entry.data for entry in entries if isinstance(entry, Chunk))
    assert [held.count(b"needle0"), held.count(b"needle1")] == ([1, 2] if found else [0, 0])
    assert any(isinstance(entry, NotReadable) for entry in entries) is not found
