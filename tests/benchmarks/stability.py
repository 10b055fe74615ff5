"""Do repeated runs on a healthy target agree (OP-8), and how long do they take (OP-2)?

Reads histories of runs, and makes none: ``python tests/benchmarks/stability.py results/history.jsonl [...]``. Each further
run in the same output folder adds a line to its ``history.jsonl``. The most frequent verdict of a promise is what runs
agree on; a FAIL on a healthy target is a false alarm.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "libraries"))

from isolation.show.history import RunLine, load_history
from isolation.show.verdicts import PromiseVerdict


def agreement(runs: Sequence[RunLine]) -> tuple[int, int]:
    """How many verdicts are the most frequent one of their promise, and how many there are."""
    agreed = total = 0
    for promise in {name for run in runs for name in run.verdicts}:
        verdicts = Counter(run.verdicts[promise] for run in runs if promise in run.verdicts)
        agreed += max(verdicts.values())
        total += verdicts.total()
    return agreed, total


def table(runs: Sequence[RunLine]) -> list[str]:
    """The lines of the table, one per target and profile."""
    lines = [
        "| target, profile | runs | verdicts that agree | FAIL | INCONCLUSIVE | minutes (median, longest) |",
        "|---|---|---|---|---|---|",
    ]
    for kind in sorted({(run.target, run.profile) for run in runs}):
        own = [run for run in runs if (run.target, run.profile) == kind]
        agreed, total = agreement(own)
        minutes = [run.seconds / 60 for run in own]
        counted = {v: sum(run.count(v) for run in own) for v in (PromiseVerdict.FAIL, PromiseVerdict.INCONCLUSIVE)}
        lines.append(
            f"| {', '.join(kind)} | {len(own)} | {100 * agreed / total:.1f} % of {total} | {counted[PromiseVerdict.FAIL]}"
            f" | {counted[PromiseVerdict.INCONCLUSIVE]} | {statistics.median(minutes):.1f}, {max(minutes):.1f} |"
        )
        for promise in sorted({name for run in own for name in run.verdicts}):
            verdicts = Counter(run.verdicts[promise] for run in own if promise in run.verdicts)
            if len(verdicts) > 1:
                lines.append(f"| - {promise} | | {', '.join(f'{n} {v}' for v, n in verdicts.most_common())} | | | |")
    return lines


def main() -> int:
    """Print the table of all histories that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("histories", nargs="+", type=Path, help="files of results, history.jsonl")
    runs = [run for file in parser.parse_args().histories for run in load_history(file).runs]
    if not runs:
        print("These files hold no run.")
        return 1
    print("\n".join(table(runs)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
