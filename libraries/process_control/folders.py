"""Listing folders in which others make and remove things at the same time."""

from __future__ import annotations

import os
from pathlib import Path


def everything_below(folder: Path) -> list[Path]:
    """All files and folders; what vanishes while we look is left out (``Path.rglob`` would break off there).

    Args:
        folder: Where to look; one that does not exist has nothing.

    Raises:
        OSError: When a part of it may not be read.
    """

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    found = []
    for place, folders, files in os.walk(folder, onerror=refuse):
        found += [Path(place, name) for name in (*folders, *files)]
    return found
