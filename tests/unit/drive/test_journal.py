"""The clean-up journal survives a killed run and touches only what it names."""

from pathlib import Path

import pytest

from isolation.drive.platform.identities import Person
from isolation.drive.platform.journal import Journal

A, B, C = (Person(f"tenant-{name}", name, f"user-{name}", "standard") for name in "abc")


def test_the_next_run_finds_what_a_killed_run_left(tmp_path: Path) -> None:
    path = tmp_path / "clean-up.jsonl"
    Journal(path, "ours").add([A, B])
    Journal(path, "another").add([C])
    assert Journal(path, "ours").left() == [A, B]


def test_what_was_removed_is_struck_out_and_other_targets_stay(tmp_path: Path) -> None:
    path = tmp_path / "clean-up.jsonl"
    Journal(path, "ours").add([A, B])
    Journal(path, "another").add([A, C])
    Journal(path, "ours").removed(["a", "b"])
    assert Journal(path, "ours").left() == []
    assert Journal(path, "another").left() == [A, C]
    Journal(path, "another").removed(["a", "c"])
    assert not path.exists()


def test_every_user_of_a_tenant_goes_with_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "clean-up.jsonl", "ours")
    journal.add([A, Person("tenant-a.02", "a", "second", "admin"), B])
    journal.removed(["a"])
    assert journal.left() == [B]


def test_a_line_that_was_half_written_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "clean-up.jsonl"
    Journal(path, "ours").add([A])
    with path.open("a") as file:
        file.write('{"target": "ours", "ten')
    assert Journal(path, "ours").left() == [A]


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "clean-up.jsonl"
    Journal(path, "ours").add([A, B])
    assert path.stat().st_mode & 0o077 == 0
    Journal(path, "ours").removed(["a"])
    assert path.stat().st_mode & 0o077 == 0


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("")
    link = tmp_path / "clean-up.jsonl"
    link.symlink_to(elsewhere)
    with pytest.raises(OSError):
        Journal(link, "ours").add([A])
    assert elsewhere.read_text() == ""
