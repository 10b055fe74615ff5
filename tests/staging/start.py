"""Start real software: ``start.py FOLDER [CONFIGURATION]``. One JSON line when it is ready; SIGTERM ends it.

FOLDER, as seen from ``tests``, holds ``starting.py`` with ``start(stage)``, and ``lock.txt`` or ``lock/RELEASE.txt`` or
``lock/RELEASE/package-lock.json``, RELEASE being what KNOWN_LEAK_RELEASE says.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

import yaml

from environments import installed
from stage import Stage, ended_by_sigterm

TESTS = Path(__file__).resolve().parents[1]


def main() -> None:
    """Start it, and stay until it is told to end."""
    ended_by_sigterm()
    source = TESTS / sys.argv[1]
    stage = Stage(source, environment_of(source, os.environ.get("KNOWN_LEAK_RELEASE", "FIXED")), "".join(sys.argv[2:]))
    try:
        stage.run(runpy.run_path(str(source / "starting.py"))["start"](stage))
    finally:
        stage.close()


def environment_of(source: Path, release: str = "FIXED") -> Path:
    """Where the software of a folder is installed; the suite's own environment when it has no lock file."""
    locks = {
        source.name: source / "lock.txt",
        f"{source.name}-{release}": source / "lock" / f"{release}.txt",
        f"{source.name}-{release}-node": source / "lock" / release / "package-lock.json",
    }
    described = next((one for one in (source / "pair.yaml", source / "platform.yaml") if one.exists()), None)
    terms = yaml.safe_load(described.read_text(encoding="utf-8")) if described is not None else {}
    for name, lock in locks.items():
        if lock.exists():
            return installed(name.removesuffix("-node"), lock, str(terms.get("python", "3.11")))
    return Path(sys.prefix)


if __name__ == "__main__":
    main()
