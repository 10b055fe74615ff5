"""Judge a recorded scenario again: ``python -m isolation.show.judge_again results/records/NAME.jsonl.gz``.

A record is plain data, so anybody can check a verdict years later, with these judges or with others. Campaigns of quiet and noisy
blocks are judged by the degradation rule, and every tenant's memory by the leak rule. Ends with 1 when a verdict is FAIL.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from isolation.judge.resources.leaks import ResourceLeakDetector
from isolation.judge.slowdown.degradation import DegradationLimits, judge_degradation
from isolation.record import Block, Condition, Measurement, Operation, Sample, Verdict
from isolation.record.blocks import blocks_of
from isolation.record.files import Record, load_records
from isolation.settings.catalogue import Catalogue

_CATALOGUE = Path(__file__).resolve().parents[3] / "resources" / "promises.yaml"


def judge_again(records: Sequence[Record], catalogue: Catalogue) -> list[Measurement]:
    """All that can be judged from the records of one scenario.

    Args:
        records: As written down by a run.
        catalogue: The promises with their limits.

    Returns:
        The measurements of its campaign, when it has one, and of every tenant's memory.
    """
    blocks = [record for record in records if isinstance(record, Block)]
    operations = [record for record in records if isinstance(record, Operation)]
    samples = [record for record in records if isinstance(record, Sample)]
    detector = ResourceLeakDetector(catalogue["RI-3"].limit("leak slope"))
    tenants = sorted({sample.tenant for sample in samples})
    found = [m for m in (detector.judge("RI-3", samples, tenant) for tenant in tenants) if m.verdict is Verdict.FAIL]
    return [*_campaign(operations, blocks, catalogue), *found] if blocks else found


def _campaign(operations: Sequence[Operation], blocks: Sequence[Block], catalogue: Catalogue) -> list[Measurement]:
    """Each noise is judged for itself; victims are who worked in quiet blocks."""
    quiet = {block.label for block in blocks if block.condition is Condition.QUIET}
    victims = {operation.tenant for operation in operations if operation.block in quiet}
    promise = catalogue["RI-4"]
    limits = DegradationLimits(
        mean=promise.limit("slowdown"),
        p95=promise.limit("slowdown p95"),
        answered=catalogue["RI-1"].limit("answered"),
        lateness=promise.limit("lateness"),
        slo_seconds=promise.limit("answer time").value,
        patience_seconds=8.0,
    )
    found = []
    for noise in dict.fromkeys(block.noise for block in blocks if block.condition is Condition.NOISY):
        judged = judge_degradation(operations, promise.id, blocks_of(blocks, noise), victims, limits)
        found += [m.model_copy(update={"metric": f"{noise}: {m.metric}"}) for m in judged]
    return found


def main() -> int:
    """Judge the files that are named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, help="files of results/records")
    chosen, catalogue = parser.parse_args(), Catalogue.load(_CATALOGUE)
    verdicts = []
    for file in chosen.files:
        records = list(load_records(file))
        print(f"{file}: {len(records)} records")
        for measurement in judge_again(records, catalogue):
            print(f"  {measurement.verdict:13} {measurement.metric}: {measurement.reason}")
            verdicts.append(measurement.verdict)
    return 1 if Verdict.FAIL in verdicts else 0


if __name__ == "__main__":
    raise SystemExit(main())
