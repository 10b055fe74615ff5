"""The kill matrix: each seeded defect must turn its own test red, with the right reason.

Run it all, or some: ``python tests/kill/run.py [--repeat N] [DEFECT ...]``. It prints a table and ends with 1 when a defect
survived; its report is then kept as ``results/survived-DEFECT``. Each row runs the suite that should find the defect, on a
reference platform that carries it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from robot.api import ExecutionResult, ResultVisitor

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Expectation:
    """What a defect must do.

    Attributes:
        defect: Its name; empty for the healthy platform, on which nothing may fail.
        suite: The suite file that must find it.
        test: The test that must fail (beginning of its name).
        words: What the failure must say, somewhere.
        only: Run only this test of the suite (beginning of its name); empty for all of them.
        profile: Profile of the run. A defect that is hardly above its limit needs more pairs than quick has.
    """

    defect: str
    suite: str
    test: str
    words: tuple[str, ...]
    only: str = ""
    profile: str = "quick"


@dataclass(frozen=True)
class Outcome:
    """What it did: killed or survived, and what the tests said."""

    killed: bool
    red: tuple[str, ...]
    said: str
    seconds: float


class _Failures(ResultVisitor):  # type: ignore[misc]  # Robot has no types there
    def __init__(self) -> None:
        self.messages: dict[str, str] = {}

    def visit_test(self, test: Any) -> None:
        if test.failed:
            self.messages[test.name] = test.message


def expectations() -> list[Expectation]:
    """All rows of all tables beside this file."""
    rows = [
        row for file in sorted(Path(__file__).parent.glob("*.yaml")) for row in yaml.safe_load(file.read_text("utf-8"))
    ]
    return [Expectation(**{**row, "words": _tuple(row["words"])}) for row in rows]


def try_out(expected: Expectation) -> Outcome:
    """Run the suite on a platform with the defect."""
    with tempfile.TemporaryDirectory(prefix="kill-") as folder:
        command = [sys.executable, "-m", "robot", "-d", folder, "-v", f"DEFECT:{expected.defect}", "--console", "none"]
        command += ["-v", f"PROFILE:{expected.profile}"]
        if expected.only:
            command += ["-t", f"{expected.only}*"]
        started = time.monotonic()
        # Only a FAIL may be red here: in a strict run INCONCLUSIVE would look as if the defect had been found.
        environment = {**os.environ, "ISOLATION_VALIDATION_STRICT": "false"}
        command.append(str(ROOT / expected.suite))
        subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, timeout=900)
        failures = _Failures()
        ExecutionResult(str(Path(folder) / "output.xml")).visit(failures)
        message = next((text for name, text in failures.messages.items() if name.startswith(expected.test)), "")
        killed = bool(message) and all(word in message for word in expected.words)
        if not killed:
            shutil.copytree(folder, ROOT / "results" / f"survived-{expected.defect or 'nothing'}", dirs_exist_ok=True)
    red = tuple(name for name in failures.messages if not name.startswith(expected.test))
    return Outcome(killed, red, " ".join(message.split()), time.monotonic() - started)


def main() -> int:
    """Run the rows that were asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("defects", nargs="*", help="names of defects; all when none is given")
    parser.add_argument("--repeat", type=int, default=1, help="how often each is tried (default 1)")
    parser.add_argument("--tables", default="", help="only rows of suites whose path holds this text")
    wanted = parser.parse_args()
    rows = [
        e for e in expectations() if (not wanted.defects or e.defect in wanted.defects) and wanted.tables in e.suite
    ]
    if not rows:
        parser.error("no such defect in the tables")
    print(
        "| defect | suite | killed | also red | seconds | what the report said |\n|---|---|---|---|---|---|", flush=True
    )
    survivors = 0
    for expected in rows:
        outcomes = [try_out(expected) for _ in range(wanted.repeat)]
        killed = sum(outcome.killed for outcome in outcomes)
        survivors += killed < len(outcomes)
        last = outcomes[-1]
        seconds = sum(outcome.seconds for outcome in outcomes) / len(outcomes)
        print(
            f"| {expected.defect} | {Path(expected.suite).name} | {killed} of {len(outcomes)} | {len(last.red)} |"
            f" {seconds:.0f} | {last.said[:200] or 'nothing'} |",
            flush=True,
        )
    print(
        f"\n{len(rows) - survivors} of {len(rows)} defects were found by the test that should find them, for the right reason."
    )
    return 1 if survivors else 0


def _tuple(words: str | list[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


if __name__ == "__main__":
    raise SystemExit(main())
