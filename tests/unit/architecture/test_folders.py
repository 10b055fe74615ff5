"""A folder holds at most a dozen files of one subject (law 8), and a door sign (``__init__``, README) beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePath

ROOT = Path(__file__).resolve().parents[3]
MOST = 12
ROOMS = ("libraries", "suites", "keywords", "resources", "tests")
KINDS = {".py", ".robot", ".resource", ".yaml"}
MAY_HOLD_MORE = {
    "libraries": "one keyword library for each resource file, side by side: so they are looked up by name",
}


def crowded(files: Iterable[PurePath]) -> dict[str, int]:
    """Folders with more than a dozen files, and how many they hold."""
    held = Counter(
        str(file.parent) for file in files if file.suffix in KINDS and file.stem not in ("__init__", "__main__")
    )
    return {folder: count for folder, count in held.items() if count > MOST}


def test_no_folder_holds_more_than_a_dozen_files() -> None:
    files = [file.relative_to(ROOT) for room in ROOMS for file in (ROOT / room).rglob("*")]
    assert len(files) > 500
    assert crowded(files).keys() == MAY_HOLD_MORE.keys()  # an excuse that is not needed any more fails too


def test_a_crowded_folder_is_seen() -> None:
    assert crowded(PurePath(f"room/file_{number}.py") for number in range(13)) == {"room": 13}


def test_a_dozen_files_and_their_door_sign_are_no_crowd() -> None:
    files = ["__init__.py", "README.md", *(f"file_{number}.py" for number in range(12))]
    assert not crowded(PurePath("room", file) for file in files)


def test_a_file_of_tests_has_its_name_for_itself() -> None:
    """Two of one name end the whole of pytest before the first test."""
    names = Counter(file.name for file in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
