"""Generated mutants of the reference platform against the suite files that could find them.

``python tests/mutants/run.py --list`` counts them; ``--sample 40 --seed 1`` tries forty, spread over the operators;
``--operator NAME`` and ``--only FILE`` choose; ``--table`` shows what is in the results file. Each mutant lives in a
private copy of the tree. Ends with 1 when one survived that is not known to be equivalent. Without ``--seed`` the commit
is the seed: a pipeline tries other ones with every commit, and the same ones when it runs again.
"""

from __future__ import annotations

import argparse
import math
import random
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutants.mutant import Mutant, generate
from mutants.operators import OPERATORS
from mutants.reach import Reach
from mutants.results import Results, equivalents, survivors, table
from mutants.source import ROOT
from mutants.trial import MOST_SUITES, Trial, suites_of, try_out


def chosen(mutants: list[Mutant], number: int, seed: str) -> list[Mutant]:
    """A sample that is spread evenly over the operators, the same for the same seed."""
    rng = random.Random(seed)
    by_operator: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        by_operator.setdefault(mutant.operator.name, []).append(mutant)
    for each in by_operator.values():
        rng.shuffle(each)
    names = list(by_operator)
    rng.shuffle(names)
    sample: list[Mutant] = []
    while len(sample) < min(number, len(mutants)):
        for name in names:
            if by_operator[name] and len(sample) < number:
                sample.append(by_operator[name].pop())
    return sample


def main() -> int:
    """Choose, try, write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="names of mutants; all others are left out")
    parser.add_argument("--sample", type=int, default=0, help="how many are tried (default: all that were chosen)")
    parser.add_argument("--seed", default="", help="of the sample (default: the commit)")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no other mutant when half of it is over")
    parser.add_argument("--operator", default="", help="only this rule")
    parser.add_argument("--module", default="", help="only files of the platform that begin so")
    parser.add_argument("--without", default="", help="no files of the platform that begin so, such as governor/")
    parser.add_argument("--only", default="", help="run only this suite file, on mutants that it could find")
    parser.add_argument("--parallel", type=int, default=2, help="at the same time (default 2)")
    parser.add_argument("--results", type=Path, default=ROOT / "results" / "mutants.json", help="file of the results")
    parser.add_argument("--again", action="store_true", help="also those that are in the results file already")
    parser.add_argument("--list", action="store_true", help="only list them")
    parser.add_argument("--table", action="store_true", help="only show the table of the results file")
    wanted = parser.parse_args()
    results = Results(wanted.results)
    if wanted.table:
        print(table(results.trials, generated=sum(1 for _ in generate(OPERATORS))))
        return 0
    mutants = [
        mutant
        for mutant in generate(OPERATORS)
        if (not wanted.names or mutant.name in wanted.names)
        and wanted.operator in ("", mutant.operator.name)
        and mutant.module.path.startswith(wanted.module)
        and not (wanted.without and mutant.module.path.startswith(wanted.without))
        and (not wanted.only or wanted.only in suites_of(mutant))
    ]
    known = equivalents()
    if not wanted.list and not wanted.names:
        mutants = [each for each in mutants if each.name not in known]
        mutants = mutants if wanted.again else [each for each in mutants if each.name not in results.trials]
    reach = Reach()
    if not wanted.names and not wanted.list:
        found = len(mutants)
        mutants = [each for each in mutants if any(reach.of(each, suite) for suite in suites_of(each)[:MOST_SUITES])]
        print(f"{found - len(mutants)} of {found} mutants are in lines that none of their suite files reaches")
    if wanted.sample:
        mutants = chosen(mutants, wanted.sample, wanted.seed or _commit())
    if wanted.list:
        for mutant in mutants:
            print(f"{mutant.name} | {mutant.where} | {mutant.place.says}")
        for name, number in Counter(mutant.operator.name for mutant in mutants).items():
            print(f"{number:5} {name}")
        print(f"{len(mutants):5} mutants")
        return 0
    if not mutants:
        parser.error("no such mutant, or all of them are in the results file (--again)")
    tried: list[Trial] = []
    with ThreadPoolExecutor(wanted.parallel) as pool:
        last_start = time.monotonic() + 30.0 * wanted.minutes
        futures = [pool.submit(_try, mutant, reach, wanted.only, last_start) for mutant in mutants]
        for future in as_completed(futures):
            trial = future.result()
            if trial is None:
                continue
            tried.append(trial)
            results.add(trial)
            said = trial.message or trial.says
            print(
                f"{trial.outcome} | {trial.mutant} | {trial.where} | {trial.seconds:.0f} s | {said[:160]}", flush=True
            )
    print(table({trial.mutant: trial.as_json() for trial in tried}, generated=len(mutants)))
    return 1 if survivors(tried, known) else 0


def _try(mutant: Mutant, reach: Reach, only: str, last_start: float) -> Trial | None:
    return try_out(mutant, reach, only) if time.monotonic() < last_start else None


def _commit() -> str:
    """The commit of the tree; a fixed word where there is none."""
    said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "no commit"


if __name__ == "__main__":
    raise SystemExit(main())
