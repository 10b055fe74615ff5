"""Judge a run again from its files: ``python -m isolation.show.judge_again results``.

The records are plain data, so anybody can check a verdict years later, with these judges or with others. Every claim of every test
is judged anew: same judge, same limits, same record. Ends with 0 when all verdicts are as they were, with 1 when one differs,
with 2 when a file is missing, cut or damaged.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from isolation.judge.rules.excuses import FOREIGN_LOAD, excused_by_foreign_load
from isolation.judge.rules.watch_gaps import weigh_watch
from isolation.record import Measurement, Verdict
from isolation.record.claims import Claim
from isolation.record.experiments import DamagedRecordsError, load_experiment
from isolation.record.limits import Limits
from isolation.show.evidence.decided import DecidedEvidence, load_evidence
from isolation.show.text import clean

DIFFERENT = 1
DAMAGED = 2
_JUDGES = "isolation.judge."


@dataclass(frozen=True, slots=True)
class Again:
    """One claim, judged again.

    Attributes:
        test: Name of the test that made it.
        found: What its judge says now.
    """

    test: str
    claim: Claim
    found: tuple[Measurement, ...]

    @property
    def same(self) -> bool:
        """Whether every verdict is as it was."""
        return tuple(m.verdict for m in self.found) == self.claim.verdicts


def judge_again(folder: Path) -> Iterator[Again]:
    """All claims of a run, in their order.

    Args:
        folder: The output folder of the run.

    Raises:
        DamagedRecordsError: A file is missing, cut or damaged.
    """
    load = cache(_load)
    for case in _evidence(folder / "evidence.json").cases:
        for claim in case.claims:
            if not claim.record:
                raise DamagedRecordsError(f"the record behind the test '{case.name}' was not written")
            yield Again(case.name, claim, judged(claim, load(folder / claim.record)))


def judged(claim: Claim, record: object) -> tuple[Measurement, ...]:
    """What the judge of a claim says about a record.

    Raises:
        DamagedRecordsError: The claim names no judge of this suite.
    """
    module, _, name = claim.judge.partition(":")
    if not module.startswith(_JUDGES):
        raise DamagedRecordsError(f"'{claim.judge}' is no judge of this suite")
    judge = getattr(import_module(module), name, None)
    if judge is None:
        raise DamagedRecordsError(f"there is no judge '{claim.judge}' in this version")
    limits = Limits(claim.limits, f"promise {claim.promise}")
    found = judge(claim.promise, record, limits, **claim.subject)
    return tuple(
        excused_by_foreign_load(m, claim.foreign_percent, limits[FOREIGN_LOAD]) for m in weigh_watch(found, record)
    )


def _evidence(path: Path) -> DecidedEvidence:
    try:
        return load_evidence(path)
    except (OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise DamagedRecordsError(f"{path}: {first}") from None


def _load(path: Path) -> Any:
    try:
        return load_experiment(path)
    except OSError as error:
        raise DamagedRecordsError(f"{path}: {error.strerror}") from None


def main() -> int:
    """Judge the run whose folder the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("results"), help="output folder of the run")
    different = total = 0
    try:
        for again in judge_again(parser.parse_args().folder):
            total += len(again.found)
            different += not again.same
            for measurement in again.found:
                if measurement.verdict is not Verdict.PASS or not again.same:
                    print(clean(f"{measurement.verdict:14} {again.claim.promise:6} {measurement.reason}"))
            if not again.same:
                print(clean(f"  differs from the run, which said {', '.join(again.claim.verdicts)}: {again.test}"))
    except DamagedRecordsError as error:
        print(clean(f"judge_again: {error}"), file=sys.stderr)
        return DAMAGED
    print(
        f"{total} verdicts of {parser.parse_args().folder} judged again: {different or 'none'} of their claims differ."
    )
    return DIFFERENT if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
