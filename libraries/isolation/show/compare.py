"""Compare two runs: ``python -m isolation.show.compare BEFORE/evidence.json AFTER/evidence.json``.

Ends with 1 when anything is worse beyond noise, with 2 when a file cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from isolation.show.history.baseline import load_run
from isolation.show.history.comparison import Change, NumberChange, RunComparison, compare_runs
from isolation.show.numbers import found
from isolation.show.text import clean


def comparison_words(comparison: RunComparison, everything: bool = False) -> str:
    """The comparison as lines: what hinders it, verdicts, then numbers, the worse ones first.

    Args:
        comparison: The two runs.
        everything: Whether numbers that are the same within noise are listed too.
    """
    lines = [f"note: {obstacle}" for obstacle in comparison.obstacles]
    for entry in comparison.verdicts:
        lines.append(f"{entry.change:<22} {entry.promise:<6} {entry.before} -> {entry.after}")
    for change in Change:
        fitting = [number for number in comparison.numbers if number.change is change]
        if fitting and change is Change.SAME and not everything:
            lines.append(f"{change:<22} {len(fitting)} numbers")
        else:
            lines += [f"{change:<22} {number.promise:<6} {number.metric}: {_both(number)}" for number in fitting]
    return clean("\n".join(lines or ["nothing to compare"]))


def main() -> int:
    """Compare the two files that are named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("before", type=Path, help="evidence.json (or its folder) of the earlier run, or of a baseline")
    parser.add_argument("after", type=Path, help="the same of the later run")
    parser.add_argument("--all", action="store_true", help="list numbers that are the same within noise too")
    chosen = parser.parse_args()
    try:
        before, after = load_run(chosen.before), load_run(chosen.after)
    except ValueError as error:
        print(f"{error}.", file=sys.stderr)
        return 2
    comparison = compare_runs(before, after)
    print(comparison_words(comparison, chosen.all))
    return 1 if comparison.worse else 0


def _both(number: NumberChange) -> str:
    before = found(number.before) if number.before else "not measured"
    after = found(number.after) if number.after else "not measured"
    return f"{before} -> {after}"


if __name__ == "__main__":
    raise SystemExit(main())
