"""Run the unchanged suites on vulnerable and fixed releases: ``run.py [-o FOLDER] [NAMES]``.

A leak is found when the named test fails on the vulnerable release. The fixed release must never fail.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stage import HERE, described, installed

ROOT = HERE.parents[1]
RELEASES = ("VULN", "FIXED")
_RUN_S = 300.0


@dataclass(frozen=True, slots=True)
class Found:
    """What the suites said of one release.

    Attributes:
        status: By test: PASS, FAIL or SKIP.
        messages: By test: its message.
        code: Exit code of robot; more than 250 when the suites could not run.
        complaint: Why they could not.
    """

    status: dict[str, str]
    messages: dict[str, str]
    code: int
    complaint: str = ""

    @property
    def failed(self) -> list[str]:
        """The tests that failed."""
        return [name for name, status in self.status.items() if status == "FAIL"]

    def in_words(self) -> str:
        """Such as ``2 FAIL, 3 PASS, 7 SKIP``."""
        counts = {one: list(self.status.values()).count(one) for one in ("FAIL", "PASS", "SKIP")}
        return ", ".join(f"{number} {one}" for one, number in counts.items() if number) or "no tests"


def main() -> int:
    """Run the pairs; 0 when every leak was found and no fixed release was accused."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    every = sorted(file.parent.name for file in HERE.glob("*/pair.yaml"))
    parser.add_argument("names", nargs="*", choices=[*every, []], metavar="NAME", help=", ".join(every))
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "results" / "known_leaks")
    parser.add_argument("--release", choices=RELEASES, help="only this one")
    chosen = parser.parse_args()
    rows, right = [], True
    for name in chosen.names or every:
        pair = described(name)
        for release in RELEASES if chosen.release is None else (chosen.release,):
            installed(name, release)
            found = run(name, release, pair, chosen.output / name / release)
            verdict, is_right = judge(release, pair, found)
            right = right and is_right
            rows.append((name, pair["advisory"], release, verdict, found.in_words()))
            print(f"{name} {release}: {verdict} ({found.in_words()})", flush=True)
            for test in found.failed:
                print(f"    {test}: {_first_line(found.messages[test])}", flush=True)
    _print_table(rows)
    return 0 if right else 1


def run(name: str, release: str, pair: dict[str, Any], output: Path) -> Found:
    """Run the suites of a pair on one of its releases."""
    output.mkdir(parents=True, exist_ok=True)
    environment = {
        "CONCURRENT_TEST_USERS": "12",
        "KNOWN_LEAK_KEY": secrets.token_hex(32),
        **os.environ,
        "KNOWN_LEAK_RELEASE": release,
    }
    command = [sys.executable, "-m", "robot", "-d", str(output), "--exitonerror", "--console", "none"]
    target = ["-v", f"TARGET:{HERE / name / 'target.yaml'}"]
    with (output / "console.txt").open("w") as console:
        try:
            code = subprocess.run(
                [*command, *target, *pair["suites"]],
                cwd=ROOT, env=environment, stdout=console, stderr=console, timeout=_RUN_S, check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            return Found({}, {}, 255, f"not done within {_RUN_S:g} s")
    return read(output / "output.xml", code)


def read(file: Path, code: int) -> Found:
    """What a result file says."""
    try:
        tests = list(ET.parse(file).iter("test"))
    except (OSError, ET.ParseError) as error:
        return Found({}, {}, code, str(error))
    ends = {test.get("name", ""): test.find("status") for test in tests}
    known = {name: end for name, end in ends.items() if end is not None}
    return Found(
        {name: end.get("status", "") for name, end in known.items()},
        {name: end.text or "" for name, end in known.items()},
        code,
    )


def judge(release: str, pair: dict[str, Any], found: Found) -> tuple[str, bool]:
    """What is to be said of one run, and whether it is as it should be."""
    if found.code > 250 or not found.status:
        return f"could not be run: {found.complaint or f'exit code {found.code}'}", False
    if release == "VULN":
        return ("found", True) if pair["found by"] in found.failed else ("not found yet", False)
    accused = [test for test in found.failed if test not in pair.get("another fault", {})]
    if accused:
        return "ACCUSED", False
    return ("not accused of the leak; another fault" if found.failed else "not accused"), True


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[0][:300]


def _print_table(rows: list[tuple[str, ...]]) -> None:
    print("\n| pair | advisory | release | verdict | tests |\n|---|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    sys.exit(main())
