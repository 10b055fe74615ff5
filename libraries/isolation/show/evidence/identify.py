"""Finding out what is run: commit, hashes and versions. Whatever cannot be found out is left empty, never guessed."""

from __future__ import annotations

import getpass
import hashlib
import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from isolation.show.evidence.identity import Identity
from isolation.show.files.safe import read_regular
from isolation.show.text import clean_setting

PROJECT = Path(__file__).resolve().parents[4]
_DECIDING = ("suites", "keywords", "libraries")
_GIT_PATIENCE = 10.0
_REQUIREMENT = re.compile(r"^[A-Za-z0-9._-]+")


def identify(
    files: Mapping[str, Path],
    arguments: Sequence[str] | None = None,
    platform_build: str = "",
    defect: str = "",
    project: Path = PROJECT,
) -> Identity:
    """What is run here and now.

    Args:
        files: What decides beside suites, keywords and libraries, by name: promises, profile, target file.
        arguments: The command line; this process's own when None.
        platform_build: What the platform says about its own version.
        defect: The seeded defect.
        project: The folder of the suite.
    """
    hashes = {name: _tree_hash(project / name) for name in _DECIDING}
    hashes |= {name: _file_hash(path) for name, path in files.items()}
    commit = _git(project, "rev-parse", "HEAD")
    status = _git(project, "status", "--porcelain", "--untracked-files=no")
    return Identity(
        suite_version=_version(project),
        commit=commit or "",
        changed=None if commit is None or status is None else bool(status),
        hashes={name: value for name, value in hashes.items() if value},
        platform_build=platform_build,
        packages=_packages(project),
        host=platform.node(),
        command_line=_shown_command(sys.argv if arguments is None else arguments),
        user=_user(),
        defect=defect,
    )


def _tree_hash(folder: Path) -> str:
    """One hash of all files of a folder, by name and content; files that running makes are left out."""
    paths = (
        p for p in sorted(folder.rglob("*")) if "__pycache__" not in p.parts and not p.is_symlink() and p.is_file()
    )
    return _hash_of((path.relative_to(folder).as_posix(), path) for path in paths)


def _file_hash(path: Path) -> str:
    try:
        return hashlib.sha256(read_regular(path.resolve())).hexdigest()
    except OSError:
        return ""


def _hash_of(named: Iterable[tuple[str, Path]]) -> str:
    total, count = hashlib.sha256(), 0
    for name, path in named:
        total.update(f"{name}\0{_file_hash(path)}\n".encode())
        count += 1
    return total.hexdigest() if count else ""


def _git(project: Path, *words: str) -> str | None:
    """What git answers, or None without git, without a repository of this very project, or in doubt."""
    try:
        top = _answer(project, "rev-parse", "--show-toplevel")
        return _answer(project, *words) if Path(top).resolve() == project.resolve() else None
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None


def _answer(project: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(project), *words],
        capture_output=True,
        timeout=_GIT_PATIENCE,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.decode("utf-8").strip()


def _version(project: Path) -> str:
    try:
        return str(tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError):
        return ""


def _packages(project: Path) -> dict[str, str]:
    """The packages that the suite asks for, and Python's own version."""
    try:
        lines = (project / "requirements.txt").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [match.group() for line in lines if (match := _REQUIREMENT.match(line.strip()))]
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _shown_command(arguments: Sequence[str]) -> str:
    """The command line with the values of variables that are secret by their name hidden."""
    shown = []
    for word in arguments:
        name, colon, value = word.partition(":")
        shown.append(f"{name}:{clean_setting(name, value)}" if colon else word)
    return " ".join(f"'{word}'" if " " in word else word for word in shown)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
