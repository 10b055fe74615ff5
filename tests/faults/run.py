"""The whole fault matrix: ``.venv/bin/python tests/faults/run.py [WORD ...]`` runs the rows whose names hold all words, and prints the table."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "honesty", HERE.parents[1] / "libraries"):
    sys.path.insert(0, str(folder))

from fault_stage import Fault, perform, wrong  # noqa: E402
from fault_table import matrix  # noqa: E402


def one(fault: Fault) -> tuple[Fault, int, float, list[str]]:
    """Run one row in a folder of its own, which stays when something was wrong."""
    folder = Path(tempfile.mkdtemp(prefix="fault-"))
    folder.chmod(0o755)
    try:
        seen = perform(fault, folder)
        complaints = wrong(fault, seen)
    finally:
        subprocess.run(["umount", "-q", str(folder / "results")], check=False, capture_output=True)
    if not complaints:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        complaints.append(f"see {folder}")
    return fault, seen.code, seen.seconds, complaints


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("words", nargs="*", help="words that the name of a row holds")
    parser.add_argument("--at-once", type=int, default=2, help="how many runs at the same time")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--json", type=Path, help="where every row is written as a line of JSON")
    options = parser.parse_args()
    rows = [
        row
        for row in matrix()
        if all(word in row.name for word in options.words) and (not row.root or os.geteuid() == 0)
    ]
    if options.list:
        print("\n".join(row.name for row in rows), f"\n{len(rows)} rows")
        return 0
    began, counted = time.monotonic(), Counter[str]()
    with ThreadPoolExecutor(options.at_once) as pool:
        for fault, code, seconds, complaints in pool.map(one, rows):
            counted["wrong" if complaints else "right"] += 1
            print(
                f"{'WRONG' if complaints else 'right':6}{code:4} {seconds:5.1f} s  {fault.name}",
                *(f"\n        {text}" for text in complaints),
                flush=True,
            )
            if options.json:
                with options.json.open("a") as file:
                    file.write(json.dumps([fault.name, code, round(seconds, 1), complaints]) + "\n")
    print(f"{counted['right']} of {len(rows)} rows as they have to be, in {time.monotonic() - began:.0f} s")
    return int(counted["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
