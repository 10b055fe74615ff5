"""The list of all artefacts of a run with their checksums, and the command that checks it.

``PYTHONPATH=libraries python -m isolation.show.files.manifest results`` says what is missing or altered and ends with 1 then;
``sha256sum --check SHA256SUMS`` does the same without this suite.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from isolation.show.files.safe import open_regular, read_regular, said, write_whole

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
SCHEMA_ID = "urn:tenant-isolation:manifest"
_CHUNK = 1 << 20


def write_manifest(folder: Path, run_id: str, names: Iterable[str]) -> tuple[str, ...]:
    """Write ``manifest.json`` and ``SHA256SUMS``.

    Args:
        folder: Where the artefacts are.
        run_id: Of the run that made them.
        names: Artefacts, as seen from the folder; those that are not there are left out.

    Returns:
        What could not be listed or written, in words.
    """
    entries: dict[str, dict[str, object]] = {}
    complaints: list[str] = []
    for name in sorted(set(names) - {MANIFEST, SUMS}):
        try:
            entries[name] = _entry(folder / name)
        except FileNotFoundError:
            continue
        except OSError as error:
            complaints.append(f"'{name}' has no checksum: {said(error)}.")
    content = {
        "schema_id": SCHEMA_ID,
        "schema_version": "1.0",
        "run_id": run_id,
        "check": [
            f"sha256sum --check {SUMS}",
            f"PYTHONPATH=libraries python -m isolation.show.files.manifest {folder.name}",
        ],
        "files": entries,
    }
    sums = "".join(f"{entry['sha256']}  {name}\n" for name, entry in entries.items())
    for name, text in ((MANIFEST, json.dumps(content, indent=1) + "\n"), (SUMS, sums)):
        try:
            write_whole(folder / name, text)
        except OSError as error:
            complaints.append(f"{name} could not be written: {said(error)}.")
    return tuple(complaints)


def check_manifest(folder: Path) -> tuple[str, ...]:
    """What is missing or altered, one sentence each; empty when everything is as it was.

    Raises:
        OSError: There is no manifest.
        ValueError: It is not one.
    """
    content = json.loads(read_regular(folder / MANIFEST))
    files = content.get("files") if isinstance(content, dict) else None
    if not isinstance(files, dict) or content.get("schema_id") != SCHEMA_ID:
        raise ValueError(f"'{folder / MANIFEST}' is not a manifest of this suite")
    wrong = []
    for name, entry in files.items():
        if not _inside(name):
            wrong.append(f"'{name}' lies outside the folder.")
            continue
        try:
            if _entry(folder / name) != entry:
                wrong.append(f"'{name}' was altered after the run.")
        except OSError as error:
            wrong.append(f"'{name}': {said(error)}.")
    return tuple(wrong)


def listed_before(folder: Path) -> tuple[str, ...]:
    """What the manifest of an earlier run in this folder names; empty without one."""
    try:
        files = json.loads(read_regular(folder / MANIFEST)).get("files", {})
        return tuple(name for name in files if _inside(str(name)))
    except (OSError, ValueError, AttributeError):
        return ()


def _inside(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts


def _entry(path: Path) -> dict[str, object]:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(open_regular(path, os.O_RDONLY), "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return {"sha256": digest.hexdigest(), "bytes": size}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the folder that is named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="output folder of a run")
    folder = parser.parse_args(arguments).folder
    try:
        wrong = check_manifest(folder)
    except (OSError, ValueError) as error:
        print(f"cannot be checked: {error}")
        return 2
    print("\n".join(wrong) or "Every artefact is as the run left it.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
