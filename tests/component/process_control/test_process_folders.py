"""Folders are listed to the end while others make and remove things in them."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from process_control.folders import everything_below

_LOOKS = 300


@pytest.fixture
def busy_folder(tmp_path: Path) -> Iterator[Path]:
    """Subfolders come and go in it; one always stays."""
    (tmp_path / "stays").mkdir()
    (tmp_path / "stays" / "file").write_text("x")
    ended = threading.Event()

    def come_and_go() -> None:
        while not ended.is_set():
            for number in range(50):
                (tmp_path / f"agent-{number}" / "inner").mkdir(parents=True)
            for number in range(50):
                shutil.rmtree(tmp_path / f"agent-{number}")

    thread = threading.Thread(target=come_and_go)
    thread.start()
    yield tmp_path
    ended.set()
    thread.join()


def test_what_vanishes_meanwhile_is_left_out_and_what_stays_is_found(busy_folder: Path) -> None:
    for _ in range(_LOOKS):
        found = everything_below(busy_folder)
        assert {busy_folder / "stays", busy_folder / "stays" / "file"} <= set(found)


def test_a_folder_that_does_not_exist_holds_nothing(tmp_path: Path) -> None:
    assert everything_below(tmp_path / "nowhere") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o000)
    with pytest.raises(PermissionError):
        everything_below(tmp_path)
