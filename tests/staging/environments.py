"""Environments of real software: installed from a lock file into a cache, once."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(os.environ.get("REAL_SOFTWARE_CACHE", "~/.cache/real-software")).expanduser()


def installed(name: str, lock: Path, python: str = "3.11") -> Path:
    """The environment that a lock file describes, installed when it is not there yet.

    Args:
        name: What the environment is called in the cache.
        lock: ``*.txt`` for pip, or a ``package-lock.json`` with its ``package.json`` beside it.
        python: Version of Python.
    """
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:10]
    folder = CACHE / f"{name}-{digest}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if lock.suffix == ".txt":
            _install_python(lock, folder, python)
        else:
            _install_node(lock, folder)
        (folder / "complete").touch()
    return folder


def _install_python(lock: Path, folder: Path, version: str) -> None:
    subprocess.run([_python(version), "-m", "venv", str(folder)], check=True, stdout=sys.stderr)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--no-compile", "-r", str(lock)], check=True, stdout=sys.stderr)


def _install_node(lock: Path, folder: Path) -> None:
    for file in lock.parent.iterdir():
        shutil.copy(file, folder)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)


def _python(version: str) -> str:
    managed = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = [sys.executable] if own == version else [str(one) for one in managed.glob(f"{version}.*/bin/python")]
    program = found[0] if found else shutil.which(f"python{version}")
    if program is None:
        raise SystemExit(f"Python {version} is needed and not found")
    return program
