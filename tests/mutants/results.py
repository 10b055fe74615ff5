"""The file of results, and the tables that are made of it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from mutants.trial import Outcome, Trial

HERE = Path(__file__).parent / "data"
_COLUMNS = (Outcome.RIGHT, Outcome.WRONG_WORDS, Outcome.INCONCLUSIVE, Outcome.SURVIVED)
_NOT_COUNTED = (Outcome.NOT_REACHED, Outcome.NOT_STARTED)


class Results:
    """Trials by the name of their mutant, kept in a file; a later trial replaces an earlier one."""

    def __init__(self, path: Path) -> None:
        """Read what is there."""
        self._path = path
        self._lock = threading.Lock()
        self.trials: dict[str, dict[str, Any]] = {}
        if path.exists():
            self.trials = {trial["mutant"]: trial for trial in json.loads(path.read_text("utf-8"))}

    def add(self, trial: Trial) -> None:
        """Keep a trial."""
        with self._lock:
            self.trials[trial.mutant] = trial.as_json()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            rows = [self.trials[name] for name in sorted(self.trials)]
            self._path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")


def equivalents(kind: str = "equivalent") -> dict[str, str]:
    """Mutants that nobody outside can tell from the platform, and why; or those for which a check is ``missing``."""
    rows = yaml.safe_load((HERE / "equivalent.yaml").read_text("utf-8")) or []
    return {row["mutant"]: row["reason"] for row in rows if row["kind"] == kind}


def survivors(trials: Iterable[Trial], known: Mapping[str, str]) -> list[Trial]:
    """Mutants that acted, gave another result and were not found."""
    return [each for each in trials if each.outcome is Outcome.SURVIVED and each.differed and each.mutant not in known]


def table(trials: Mapping[str, Mapping[str, Any]], generated: int) -> str:
    """How many of which came to what, by operator and by promise."""
    known = equivalents()
    counted = {
        name: trial
        for name, trial in trials.items()
        if name not in known and trial["outcome"] not in _NOT_COUNTED and trial["differed"]
    }
    lines = [
        "| operator | counted | right culprit | other words | inconclusive | survived |",
        "|---|---|---|---|---|---|",
    ]
    operators = Counter(trial["operator"] for trial in counted.values())
    for operator in sorted(operators):
        lines.append(_row(operator, [each for each in counted.values() if each["operator"] == operator]))
    lines.append(_row("all", list(counted.values())))
    promises = Counter(promise for trial in counted.values() for promise in trial["promises"][:1])
    found = ", ".join(f"{promise} {number}" for promise, number in sorted(promises.items(), key=lambda each: -each[1]))
    same = sum(
        1 for name, t in trials.items() if name not in known and t["outcome"] not in _NOT_COUNTED and not t["differed"]
    )
    left = Counter(trial["outcome"] for trial in trials.values())
    lines += [
        "",
        f"First promise that was not kept: {found}.",
        f"{generated} generated, {len(trials)} tried; not counted: {left[Outcome.NOT_REACHED]} not reached,"
        f" {left[Outcome.NOT_STARTED]} did not start, {same} reached without another result,"
        f" {len(known)} marked as equivalent.",
    ]
    return "\n".join(lines)


def _row(name: str, trials: list[Mapping[str, Any]]) -> str:
    cells = [sum(trial["outcome"] == column for trial in trials) for column in _COLUMNS]
    return f"| {name} | {len(trials)} | " + " | ".join(str(cell) for cell in cells) + " |"
