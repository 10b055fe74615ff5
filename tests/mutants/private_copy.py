"""A private copy of the tree for each mutant: nothing is ever written into the repository."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mutants.mutant import Mutant
from mutants.source import ROOT

_PARTS = ("libraries", "keywords", "suites", "resources", "pyproject.toml", "requirements.txt")


@dataclass(frozen=True)
class Copy:
    """A copy with a mutant in it.

    Attributes:
        root: The copy.
        notes: Where the mutant notes what it did.
    """

    root: Path
    notes: Path

    @property
    def acted(self) -> bool:
        """Whether the mutated place was reached."""
        return (self.notes / "acted").exists()

    @property
    def differed(self) -> bool:
        """Whether something else came out there."""
        return (self.notes / "differed").exists()


@contextmanager
def private_copy(mutant: Mutant | None, root: Path = ROOT) -> Iterator[Copy]:
    """Copy the tree, put the mutant in, and remove everything afterwards.

    Args:
        mutant: Which; None for the tree as it is.
        root: The tree.
    """
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Copy(Path(folder) / "tree", Path(folder) / f"notes-{Path(folder).name}")
        copy.root.mkdir()
        copy.notes.mkdir(mode=0o777)
        for part in _PARTS:
            place = root / part
            if place.is_dir():
                shutil.copytree(place, copy.root / part)  # keeps the times, so that compiled files stay good
            else:
                shutil.copy2(place, copy.root / part)
        (copy.root / "results").mkdir()
        try:
            if mutant is not None:
                mutant.write(copy.root, copy.notes)
            yield copy
        finally:
            for spilled in (
                *Path("/tmp").glob(f"platform-dump-{copy.notes.name}-*"),
                *Path("/dev/shm").glob(f"platform-dump-{copy.notes.name}-*"),
            ):
                spilled.unlink(missing_ok=True)
