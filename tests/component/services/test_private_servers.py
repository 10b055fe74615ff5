"""Servers run as nobody else does, leave no shared memory, and say in one sentence what a folder lacks."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from component.services.service_watching import gone, within
from process_control.family import started_ticks
from process_control.proc.sysvipc_shm import read_segments
from process_control.shared_memory import files_of, find_segment, segments_of
from reference_platform.services import EmbeddedServices, ServiceError, identity, postgres, valkey
from reference_platform.services.private_folder import claims, folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
_DEAD_PID = 2**22 - 1


def unused_shared_memory() -> set[int]:
    """Pieces of shared memory of embedded servers that no process has mapped."""
    return {one.segment_id for one in read_segments() if one.group in range(65_600, 100_000) and not one.attached}


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder that everybody may enter, for stores whose sweep must not meet those of others."""
    path = Path(tempfile.mkdtemp(prefix="private-test-"))
    path.chmod(0o1777)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def mounted(options: str) -> Iterator[Path]:
    """A file system in memory of its own."""
    path = Path(tempfile.mkdtemp(prefix="mount-test-"))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], capture_output=True, check=False)
    if done.returncode != 0:
        path.rmdir()
        pytest.skip("nothing can be mounted here")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=False)
        path.rmdir()


def users_of(services: EmbeddedServices) -> tuple[int, int]:
    return tuple(psutil.Process(services.pids[role]).uids().effective for role in ("postgresql", "redis"))  # type: ignore[return-value]


@as_root
def test_each_server_of_root_has_a_user_of_its_own_that_nobody_else_has(own_folder: Path) -> None:
    with EmbeddedServices(parent=own_folder) as first, EmbeddedServices(parent=own_folder) as second:
        users = [*users_of(first), *users_of(second)]
        assert len(set(users)) == 4
        for user in users:
            with pytest.raises(KeyError):
                pwd.getpwuid(user)
        for services, (database_user, cache_user) in ((first, users[:2]), (second, users[2:])):
            owners = {path.lstat().st_uid for path in (services.folder / "postgres").rglob("*")}
            assert owners == {database_user}
            assert (services.folder / "valkey").stat().st_uid == cache_user
            for name in ("postgres", "valkey"):
                assert stat.S_IMODE((services.folder / name).stat().st_mode) == 0o700


@as_root
def test_nobody_can_neither_read_the_folder_nor_signal_the_servers(own_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    with EmbeddedServices(parent=own_folder) as services:
        for command in (
            ["ls", str(services.folder)],
            ["ls", str(services.folder / "postgres")],
            ["kill", "-0", str(services.pids["postgresql"])],
            ["kill", "-0", str(services.pids["redis"])],
        ):
            tried = subprocess.run(
                command, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], capture_output=True, check=False
            )
            assert tried.returncode != 0, command


@as_root
def test_where_only_few_ids_are_mapped_they_are_taken_from_those(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "read_uid_ranges", lambda: [range(65_536)])
    found = identity.server_identities()
    assert {found.postgres.user, found.valkey.user} <= set(range(40_000, 60_000))
    monkeypatch.setattr(identity, "read_uid_ranges", lambda: [range(1)])
    with pytest.raises(ServiceError, match="no unused user id was found"):
        identity.server_identities()


def test_no_server_keeps_files_in_shared_memory_and_none_leaves_a_segment(own_folder: Path) -> None:
    before = set(segments_of(os.geteuid()))
    with EmbeddedServices(parent=own_folder) as services:
        note = claims.note_beside(services.folder)
        claim = json.loads(note.read_text())
        assert find_segment(claim["segment_id"]) is not None
        if os.geteuid() == 0:
            assert files_of(claim["user"]) == []
    assert find_segment(claim["segment_id"]) is None
    assert not note.exists()
    assert set(segments_of(os.geteuid())) == before


def test_the_segment_of_a_killed_server_goes_when_the_stores_stop(own_folder: Path) -> None:
    with EmbeddedServices(parent=own_folder) as services:
        segment_id = json.loads(claims.note_beside(services.folder).read_text())["segment_id"]
        kill_all([services.pids["postgresql"]])
        assert find_segment(segment_id) is not None
    assert find_segment(segment_id) is None
    assert list(own_folder.iterdir()) == []


def test_the_segment_of_a_killed_platform_goes_at_the_next_start(own_folder: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom reference_platform.services import EmbeddedServices\n"
        "with EmbeddedServices(parent=Path(sys.argv[1])) as s:\n"
        "    print(s.folder, flush=True)\n    time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "libraries")}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(own_folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as owner:
        assert owner.stdout is not None
        kept = Path(owner.stdout.readline().strip())
        note = claims.note_beside(kept)
        segment_id = json.loads(note.read_text())["segment_id"]
        postmaster = int((kept / "postgres" / "postmaster.pid").read_text().split()[0])
        kill_all([postmaster, owner.pid])
    assert within(5, lambda: not kept.exists())
    assert find_segment(segment_id) is not None and note.exists()
    with EmbeddedServices(parent=own_folder) as services:
        assert note in services.swept
        assert find_segment(segment_id) is None
    assert list(own_folder.iterdir()) == []


def test_the_segment_of_an_initdb_that_was_killed_goes_at_the_next_start(own_folder: Path) -> None:
    # Its segment lives for some tenths of a second only.
    left = next(filter(None, (killed_in_initdb(own_folder) for _ in range(20))), None)
    assert left is not None, "nothing was left: every one was killed too late"
    with EmbeddedServices(parent=own_folder):
        assert find_segment(left) is None
    assert within(5, lambda: list(own_folder.iterdir()) == [])


def killed_in_initdb(parent: Path) -> int | None:
    """Start stores, and kill all of it as soon as ``initdb`` has shared memory; the segment that is left of it."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom reference_platform.services import EmbeddedServices\n"
        "EmbeddedServices(parent=Path(sys.argv[1])).start()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "libraries")}
    with subprocess.Popen([sys.executable, "-c", program, str(parent)], env=environment) as owner:
        family = psutil.Process(owner.pid)
        until = time.monotonic() + 10
        made: list[int] = []
        while not made and time.monotonic() < until:
            below = {child.pid for child in family.children(recursive=True)}
            made = [segment.segment_id for segment in read_segments() if segment.creator in below]
        # The youngest first: who sees its parent end would tidy up.
        for process in [*reversed(family.children(recursive=True)), family]:
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.name() in ("postgres", "initdb") or process == family:
                    process.kill()
    left = next((one for one in made if find_segment(one) is not None), None)
    assert left is None or within(5, lambda: (segment := find_segment(left)) is not None and not segment.attached)
    return left


def kill_all(pids: list[int]) -> None:
    family = [psutil.Process(pid) for pid in pids]
    family += [
        child for process in family for child in process.children(recursive=True) if process.name() == "postgres"
    ]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    assert within(5, lambda: all(gone(process) for process in family))


@pytest.fixture
def strange_segment() -> Iterator[int]:
    """A segment of this process, mapped by nobody."""
    library = ctypes.CDLL(None, use_errno=True)
    segment_id = library.shmget(0, 4096, 0o1600)
    yield segment_id
    library.shmctl(segment_id, 0, None)


@pytest.mark.parametrize("wrong", ["key", "creator", "user", None])
def test_only_the_noted_segment_is_removed(own_folder: Path, strange_segment: int, wrong: str | None) -> None:
    segment = find_segment(strange_segment)
    assert segment is not None
    noted = {"segment_id": strange_segment, "key": segment.key, "creator": segment.creator, "user": segment.user}
    noted |= {"owner": _DEAD_PID, "owner_ticks": 1}
    if wrong is not None:
        noted[wrong] += 1
    note = own_folder / f"{folder.PREFIX}x.claim"
    note.write_text(json.dumps(noted))
    assert claims.settle_claims_of_the_dead(own_folder) == ([] if wrong else [note])
    assert (find_segment(strange_segment) is None) is (wrong is None)
    assert not note.exists()


def test_notes_of_the_living_and_what_is_no_note_are_left_alone(own_folder: Path, strange_segment: int) -> None:
    segment = find_segment(strange_segment)
    assert segment is not None
    alive = {"owner": os.getpid(), "owner_ticks": started_ticks(os.getpid())}
    alive |= {"segment_id": strange_segment, "key": segment.key, "creator": segment.creator, "user": segment.user}
    (own_folder / f"{folder.PREFIX}alive.claim").write_text(json.dumps(alive))
    (own_folder / f"{folder.PREFIX}nonsense.claim").write_text("[]")
    (own_folder / f"{folder.PREFIX}link.claim").symlink_to(own_folder / f"{folder.PREFIX}alive.claim")
    assert claims.settle_claims_of_the_dead(own_folder) == []
    assert len(list(own_folder.iterdir())) == 3
    assert find_segment(strange_segment) == segment


@as_root
def test_a_folder_without_space_is_named_before_anything_is_made() -> None:
    with mounted("size=20m,mode=1777") as small:
        with pytest.raises(ServiceError, match=rf"need 128 MB in {small}, but only 20 MB are free .* TMPDIR"):
            EmbeddedServices(parent=small).start()
        assert list(small.iterdir()) == []


@as_root
def test_a_folder_that_fills_up_meanwhile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reference_platform.services.embedded.require_space", lambda parent: None)
    before = unused_shared_memory()  # whatever was killed on this machine before
    with mounted("size=20m,mode=1777") as small:
        with pytest.raises(ServiceError, match=r"There is no space left in .*: set TMPDIR to another folder"):
            EmbeddedServices(parent=small).start()
        assert list(small.iterdir()) == []
    assert within(
        10.0, lambda: unused_shared_memory() <= before
    )  # servers that start beside this test let theirs go soon


@as_root
def test_a_folder_in_which_no_program_runs_is_named_when_programs_have_to_be_copied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with mounted("size=400m,mode=1777,noexec") as folder_without:
        with EmbeddedServices(parent=folder_without):
            pass  # installed programs need no copy
        monkeypatch.setattr(postgres, "passable", lambda *_: False)
        monkeypatch.setattr(valkey, "passable", lambda *_: False)
        with pytest.raises(ServiceError, match="no program may be run there .noexec."):
            EmbeddedServices(parent=folder_without).start()
