"""Folders with links, pipes and devices, and what everybody on the machine can see."""

from __future__ import annotations

import os
import socket
import time
from multiprocessing import shared_memory
from pathlib import Path

import pytest

from isolation.drive.stores.shared_places import read_shared_places
from isolation.drive.stores.stores import read_files
from isolation.record.secrets.pieces import NotReadable, Piece

SECRET = b"88888888m-what-nobody-else-may-see"


def test_links_and_special_files_in_a_folder_of_the_target_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.txt").write_bytes(SECRET)
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "good.log").write_text("one\ntwo\n")
    (logs / "link.log").symlink_to(outside / "private.txt")
    (logs / "folder").symlink_to(outside)
    (logs / "kernel").symlink_to("/proc/kmsg")
    os.mkfifo(logs / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(logs / "s"))
        found = list(read_files(logs, "log"))
    assert [piece.place for piece in found if isinstance(piece, Piece)] == ["log good.log"]
    reasons = {entry.place: entry.reason for entry in found if isinstance(entry, NotReadable)}
    assert set(reasons) == {"log link.log", "log folder", "log kernel", "log pipe", "log s"}
    assert "a pipe" in reasons["log pipe"] and "a link" in reasons["log kernel"]


def test_a_folder_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "logs").symlink_to(tmp_path / "real")
    (entry,) = read_files(tmp_path / "logs", "log")
    assert isinstance(entry, NotReadable) and "link" in entry.reason


def test_what_came_into_common_places_is_read_and_private_or_old_things_are_not(tmp_path: Path) -> None:
    began = time.time()
    places = {"dump.json": 0o644, "private.json": 0o600, "old.json": 0o644}
    for name, mode in places.items():
        (tmp_path / name).write_bytes(SECRET)
        (tmp_path / name).chmod(mode)
    closed, skipped, database = tmp_path / "closed", tmp_path / "own", tmp_path / "database"
    for folder in (closed, skipped, database):
        folder.mkdir()
        (folder / "a.txt").write_bytes(SECRET)
    closed.chmod(0o700)
    (database / "PG_VERSION").write_text("18")
    tmp_path.chmod(0o755)
    found = list(read_shared_places(began - 1, [skipped], [str(tmp_path)]))
    files = [piece.place for piece in found if isinstance(piece, Piece) and piece.place.startswith("shared file")]
    assert files == [f"shared file {tmp_path / name}" for name in ("dump.json", "old.json")]
    later = list(read_shared_places(time.time() + 60, [], [str(tmp_path)]))
    assert not [piece for piece in later if piece.place.startswith("shared file")]


def test_names_of_abstract_sockets_are_seen() -> None:
    name = "isolation-test-88888888m"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"\0{name}")
        found = [piece for piece in read_shared_places(time.time() + 60, [], []) if isinstance(piece, Piece)]
    assert any(name.encode() in piece.data for piece in found)


def test_posix_shared_memory_is_seen() -> None:
    began = time.time()
    segment = shared_memory.SharedMemory(create=True, size=4096)
    try:
        assert segment.buf is not None
        segment.buf[: len(SECRET)] = SECRET
        path = Path("/dev/shm") / segment.name.lstrip("/")
        if not path.exists():
            pytest.skip("this system keeps shared memory elsewhere")
        path.chmod(0o644)
        found = [piece for piece in read_shared_places(began - 1) if isinstance(piece, Piece)]
        assert any(SECRET in piece.data for piece in found)
    finally:
        segment.close()
        segment.unlink()
