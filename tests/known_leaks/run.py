"""Run the unchanged suites on vulnerable and fixed releases: ``run.py [-o FOLDER] [NAMES]``.

A leak is found when the named test fails on the vulnerable release. The fixed release must never fail.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "staging"))

from start import environment_of
from suites import ROOT, Found, run_suites

HERE = Path(__file__).resolve().parent
RELEASES = ("VULN", "FIXED")
_RUN_S = 300.0


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
            environment_of(HERE / name, release)
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
    environment = {
        "CONCURRENT_TEST_USERS": "12",
        "KNOWN_LEAK_KEY": secrets.token_hex(32),
        **os.environ,
        "KNOWN_LEAK_RELEASE": release,
    }
    return run_suites(HERE / name / "target.yaml", pair["suites"], output, environment, _RUN_S)


def described(name: str) -> dict[str, Any]:
    """What ``pair.yaml`` says."""
    content = yaml.safe_load((HERE / name / "pair.yaml").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


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
