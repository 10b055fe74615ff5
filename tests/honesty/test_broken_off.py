"""The platform, the load engine or the monitor ends in the middle of an experiment: it is said at the top, and nobody is accused."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from servers.liar import ROOT, write_target

BROKEN = 254
SUITE = "suites/resource_isolation/01_monitoring_baseline.robot"
CASES = {
    "servers.yes_man": ("platform died", "signal 9"),
    "load.engine:Engine": ("broken", "suite's own load engine"),
    "monitor:ResourceMonitor": ("broken", "suite's own monitor"),
}


def child_of(robot: psutil.Process, word: str) -> psutil.Process | None:
    for child in robot.children():
        try:
            if any(word in part for part in child.cmdline()):
                return child
        except psutil.Error:
            continue
    return None


def agents_of(robot: psutil.Process) -> int:
    server = child_of(robot, "servers.yes_man")
    return len(server.children()) if server is not None else 0


@pytest.mark.slow
@pytest.mark.parametrize("killed", CASES)
def test_whatever_dies_is_named_at_the_top_and_accuses_nobody(tmp_path: Path, killed: str) -> None:
    target, results = write_target(tmp_path / "target.yaml", "yes_man"), tmp_path / "r"
    command = [sys.executable, "-m", "robot", "-d", str(results), "-v", f"TARGET:{target}", "--exitonerror", SUITE]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True) as process:
        robot, until = psutil.Process(process.pid), time.monotonic() + 60
        while agents_of(robot) < 10 and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(2)
        victim = child_of(robot, killed)
        assert victim is not None
        victim.kill()
        said, _ = process.communicate(timeout=60)
    kind, words = CASES[killed]
    evidence = json.loads((results / "evidence.json").read_text())
    page = html.unescape(re.sub(r"<[^>]+>", " ", (results / "signoff.html").read_text()))
    assert process.returncode == BROKEN, said
    assert evidence["ending"]["kind"] == kind
    assert words in evidence["ending"]["cause"] and words in " ".join(page.split())
    assert {case["status"] for case in evidence["cases"]} == {"SKIP"}
    assert all(case["not_examined"] for case in evidence["cases"])
    assert "broken:" not in said and "Isolation is broken" not in page
    assert "Traceback" not in said
