"""Tries a mutant: runs the suite files that could find it, and says what came of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mutants.mutant import Harm, Mutant
from mutants.private_copy import Copy, private_copy
from mutants.reach import Reach

HERE = Path(__file__).parent / "data"
LONGEST_S = 400
MOST_SUITES = 3


class Outcome(StrEnum):
    """What came of a mutant."""

    RIGHT = "killed with the right culprit"
    WRONG_WORDS = "killed with other words"
    INCONCLUSIVE = "inconclusive"
    SURVIVED = "survived"
    NOT_STARTED = "did not start or serve"
    NOT_REACHED = "not reached"


#: A platform that does not come up, or lets hardly anybody in, is broken for all to see: nothing of tenants is at stake.
_NO_SERVICE = (
    r"was not ready|did not start|could not be started|ended with|before it|only \d+ of \d+ users|none of \d+ users"
)
#: What a failure has to say, by what is done to somebody.
WORDS = {
    Harm.IDENTITY: r"\b(tenant|user|agent|session|visitor|owner)\b",
    Harm.RIGHT: r"\b(tenant|user|token|role|right|refused|accepted|got through|allowed|login|session)",
    Harm.LEFT_BEHIND: r"\bleft\b|\bstill\b|went on|remain|residue|grew|removed|never ended|kept|came back|was not|closed|answers came",
    Harm.LIMIT: r"limit|quota|more than|at most|grew|slow|share",
    Harm.DELIVERY: r"never came|came again|came before|order|lost|missed|late|answered|altered|was not|number|steps|took",
    Harm.SECRET: r"secret|token|password|credential|marker|found in|holds?\b",
}


@dataclass(frozen=True)
class Trial:
    """What was done with a mutant, and what came of it.

    Attributes:
        mutant: Its name.
        operator: The rule.
        where: File, line, function.
        says: The change in a few words.
        outcome: What came of it.
        differed: Whether the mutated place was seen to give another result; only then must anything be found.
        promises: Promises that were not kept, in the order of the tests.
        suites: Files that were run.
        message: The first failure.
        seconds: How long it took.
    """

    mutant: str
    operator: str
    where: str
    says: str
    outcome: Outcome
    differed: bool
    promises: tuple[str, ...]
    suites: tuple[str, ...]
    message: str
    seconds: float

    def as_json(self) -> dict[str, object]:
        """For the results file."""
        return {**asdict(self), "outcome": self.outcome.value, "seconds": round(self.seconds, 1)}


def suites_of(mutant: Mutant) -> list[str]:
    """The suite files that could find a mutant, the likeliest first."""
    for rule in _rules():
        function = mutant.module.name_of(mutant.place.node)
        if (
            mutant.module.path.startswith(rule["module"])
            and re.search(rule.get("operator", ""), mutant.operator.name)
            and re.search(rule.get("function", ""), function)
        ):
            return list(rule["suites"])
    raise ValueError(f"suites.yaml names no suite for {mutant.module.path}")


@cache
def _rules() -> list[dict[str, Any]]:
    return list(yaml.safe_load((HERE / "suites.yaml").read_text("utf-8")))


def all_suites() -> list[str]:
    """Every suite file that finds any mutant."""
    return sorted({suite for rule in _rules() for suite in rule["suites"]})


def try_out(mutant: Mutant, reach: Reach, only: str = "", most_suites: int = MOST_SUITES) -> Trial:
    """Run suite files on a private copy with the mutant until one of them finds it."""
    started = time.monotonic()
    run: list[str] = []
    outcome, promises, message = Outcome.NOT_REACHED, (), ""
    with private_copy(mutant) as copy:
        for suite in [only] if only else suites_of(mutant)[:most_suites]:
            if not reach.of(mutant, suite):
                continue
            run.append(suite)
            outcome, promises, message = _judged(mutant, copy, run_suite(copy, suite))
            if outcome in (Outcome.RIGHT, Outcome.WRONG_WORDS, Outcome.NOT_STARTED):
                break
        acted = copy.acted
        differed = copy.differed if mutant.tells_difference else acted
    if outcome is Outcome.SURVIVED and not acted:
        outcome = Outcome.NOT_REACHED
    names = (mutant.name, mutant.operator.name, mutant.where, mutant.place.says)
    return Trial(*names, outcome, differed, promises, tuple(run), message, time.monotonic() - started)


def run_suite(copy: Copy, suite: str) -> Path:
    """Run one suite file; returns the folder of its results."""
    folder = copy.root / "results" / Path(suite).stem
    command = [sys.executable, "-m", "robot", "-d", str(folder), "--console", "none", "--report", "NONE", suite]
    # Only a FAIL may be red here: in a strict run INCONCLUSIVE would look as if the mutant had been found.
    environment = {**os.environ, "ISOLATION_VALIDATION_STRICT": "false"}
    output = (copy.root / "output.txt").open("wb")
    process = subprocess.Popen(
        command, cwd=copy.root, env=environment, stdout=output, stderr=output, start_new_session=True
    )
    try:
        process.wait(LONGEST_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    finally:
        output.close()
    return folder


def _judged(mutant: Mutant, copy: Copy, folder: Path) -> tuple[Outcome, tuple[str, ...], str]:
    """What a run says: the outcome, the promises that were not kept, the first failure."""
    try:
        evidence = json.loads((folder / "evidence.json").read_text("utf-8"))
    except (OSError, ValueError):
        return Outcome.INCONCLUSIVE, (), _tail(copy)
    return judged(mutant.operator.harm, evidence, copy.acted)


def judged(harm: Harm, evidence: dict, acted: bool) -> tuple[Outcome, tuple[str, ...], str]:
    """What an ``evidence.json`` says about a mutant.

    Only a measured FAIL counts as found; with the right words it says what the mutant does, and to whom or to what.
    """
    failed = [
        (measurement["promise"], measurement["reason"])
        for case in evidence["cases"]
        if case["status"] == "FAIL"
        for measurement in case["measurements"]
        if measurement["verdict"] == "FAIL"
    ]
    if failed:
        right = [reason for _, reason in failed if re.search(WORDS[harm], reason, re.IGNORECASE)]
        promises = tuple(dict.fromkeys(promise for promise, _ in failed))
        return (Outcome.RIGHT if right else Outcome.WRONG_WORDS), promises, (right or [failed[0][1]])[0][:600]
    unexamined = [case["message"] for case in evidence["cases"] if case["not_examined"]]
    examined = [case for case in evidence["cases"] if not case["not_examined"] and not case["not_applicable"]]
    if not examined:
        words = (unexamined or [evidence.get("diagnosis") or evidence["overall"].get("first_cause", "")])[0][:600]
        started = acted and not re.search(_NO_SERVICE, words)
        return (Outcome.INCONCLUSIVE if started else Outcome.NOT_STARTED), (), words
    undecided = [case["message"] for case in evidence["cases"] if case["status"] not in ("PASS",)]
    undecided = [message for message in undecided if message and "NOT APPLICABLE" not in message.upper()]
    if unexamined or undecided:
        return Outcome.INCONCLUSIVE, (), (unexamined or undecided)[0][:600]
    return Outcome.SURVIVED, (), ""


def _tail(copy: Copy) -> str:
    return (copy.root / "output.txt").read_text("utf-8", "replace")[-400:]
