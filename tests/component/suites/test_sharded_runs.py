"""A suite file with its load engine in shards: the same verdicts, and a shard that is killed accuses nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[3]
FILE = "suites/concurrent_startup/04_connection_scaling.robot"
NOT_EXAMINED = 254
FEW = {**os.environ, "CONCURRENT_TEST_USERS": "24"}


def command(folder: Path, *options: str) -> list[str]:
    options = ("-v", "TARGET:reference_light", *options)
    return [sys.executable, "-m", "robot", "-d", str(folder), "--exitonerror", *options, FILE]


def verdicts(folder: Path) -> list[tuple[str, str, str]]:
    """What was measured, and with which verdict."""
    evidence = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    measured = [one for case in evidence["cases"] for one in case["measurements"]]
    assert measured
    return [(one["promise"], one["metric"], one["verdict"]) for one in measured if one["promise"] == "CS-4"]


def test_two_shards_come_to_the_same_verdicts_as_one_engine(tmp_path: Path) -> None:
    for shards in ("1", "2"):
        done = subprocess.run(
            command(tmp_path / shards, "-v", f"SHARDS:{shards}"),
            cwd=ROOT,
            env=FEW,
            capture_output=True,
            text=True,
            timeout=170,
        )
        assert done.returncode == 0, done.stdout[-3000:]
    assert verdicts(tmp_path / "1") == verdicts(tmp_path / "2")


def engines_of(run: psutil.Process) -> Iterator[tuple[psutil.Process, int]]:
    """The shards' processes, and how many connections each holds."""
    for child in run.children():
        with suppress(psutil.Error):
            if "isolation.drive.load.engine:Engine" in child.cmdline():
                yield child, len(child.net_connections("tcp"))


def test_a_shard_that_is_killed_in_the_middle_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    with (tmp_path / "console.txt").open("w") as console:
        started = subprocess.Popen(
            command(tmp_path / "out", "-v", "SHARDS:2"), cwd=ROOT, env=FEW, stdout=console, stderr=console
        )
    run = psutil.Process(started.pid)
    everybody: set[int] = set()
    until = time.monotonic() + 120
    try:
        while time.monotonic() < until and started.poll() is None:
            engines = list(engines_of(run))
            if len(engines) == 2 and all(held >= 10 for _, held in engines):
                everybody = {child.pid for child in run.children(recursive=True)}
                engines[1][0].kill()
                break
            time.sleep(0.05)
        code = started.wait(120)
    finally:
        started.kill()
    said = (tmp_path / "console.txt").read_text()
    assert everybody, said
    assert code == NOT_EXAMINED, said
    assert f"shard 2 (process {engines[1][0].pid} on " in said and "was lost" in said, said
    assert "Isolation is broken" not in (tmp_path / "out" / "signoff.html").read_text()
    assert not [pid for pid in everybody if psutil.pid_exists(pid)]


@pytest.mark.parametrize("options", [("SHARDS", "0"), ("SHARDS", "two"), ("CLUSTER", "tcp://127.0.0.1:1")])
def test_shards_that_cannot_be_are_one_clear_sentence(tmp_path: Path, options: tuple[str, str]) -> None:
    name, value = options
    if name == "CLUSTER":
        pytest.importorskip("distributed")
    done = subprocess.run(
        command(tmp_path, "-v", f"{name}:{value}"), cwd=ROOT, env=FEW, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == NOT_EXAMINED
    assert value in done.stdout and "Traceback" not in done.stdout + done.stderr
