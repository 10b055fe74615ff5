"""The clean-up journal survives a killed run and touches only what it names."""

from pathlib import Path

from isolation.drive.platform.journal import Journal


def test_the_next_run_finds_what_a_killed_run_left(tmp_path: Path) -> None:
    path = tmp_path / "clean-up.jsonl"
    Journal(path, "ours").add(["a", "b"])
    Journal(path, "another").add(["c"])
    assert Journal(path, "ours").left() == ["a", "b"]


def test_what_was_removed_is_struck_out_and_other_targets_stay(tmp_path: Path) -> None:
    path = tmp_path / "clean-up.jsonl"
    Journal(path, "ours").add(["a", "b"])
    Journal(path, "another").add(["c"])
    Journal(path, "ours").removed(["a", "b"])
    assert Journal(path, "ours").left() == []
    assert Journal(path, "another").left() == ["c"]
    Journal(path, "another").removed(["c"])
    assert not path.exists()


def test_a_line_that_was_half_written_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "clean-up.jsonl"
    Journal(path, "ours").add(["a"])
    with path.open("a") as file:
        file.write('{"target": "ours", "ten')
    assert Journal(path, "ours").left() == ["a"]


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "clean-up.jsonl"
    Journal(path, "ours").add(["a"])
    assert path.stat().st_mode & 0o077 == 0
