"""Searching what the run itself has written: for secrets by themselves, and by their shape."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from isolation.drive.stores.secret_shapes import SHAPES, content_of, shapes_in
from isolation.record.secrets.credentials import SHORTEST
from isolation.record.secrets.known_texts import KnownTexts
from isolation.record.whole_run import OutputSearch

_WRITTEN = (".xml", ".json", ".html", ".jsonl", ".log", ".gz", ".md", ".txt", ".sarif")
_CONTROL = "search-control.log"


def search_output(folder: Path, since: float, secrets: Mapping[str, str], public: str) -> OutputSearch:
    """Look for secrets in every file of a folder that was written since a moment.

    Args:
        folder: The output folder of the run.
        since: Seconds since 1970; what an earlier run has left in the same folder is not this run's.
        secrets: By name; their values are never shown.
        public: A public text, planted for the time of the search, that the same search has to find.
    """
    control = folder / _CONTROL
    descriptor = os.open(control, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{public}\n")
        return _search(folder, since, secrets, public)
    finally:
        control.unlink(missing_ok=True)


def _search(folder: Path, since: float, secrets: Mapping[str, str], public: str) -> OutputSearch:
    wanted = [name for name, secret in secrets.items() if len(secret) >= SHORTEST]
    known = KnownTexts([*(secrets[name] for name in wanted), public])
    found: list[str] = []
    unreadable: list[str] = []
    files, control_found = 0, False
    for path in _files(folder, since):
        try:
            text = content_of(path)
        except (OSError, EOFError):
            unreadable.append(path.name)
            continue
        files += 1
        seen = sorted({hit.number for hit in known.find(text)})
        control_found = control_found or len(wanted) in seen
        found += [f"{wanted[number]} in {path.name}" for number in seen if number < len(wanted)]
        found += [f"{shape} of {path.name}" for shape in shapes_in(text)]
    return OutputSearch(files, len(wanted), len(SHAPES), tuple(found), tuple(unreadable), control_found)


def _files(folder: Path, since: float) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and path.suffix in _WRITTEN and status.st_mtime >= since:
            yield path
