"""The operator's steps: rows where rows are read, words that somebody reads, and whom an operation is about."""

from __future__ import annotations

from collections.abc import Iterator

from isolation.target.arguments import OPERATION_NEEDS, ROWS
from isolation.target.model import FileStep, JwtStep, PrometheusStep, Target
from isolation.target.placeholders import names_in
from isolation.target.reading.findings import Finding, listed, meant
from isolation.target.words import OperatorOperation, OperatorWord


def check_operator(target: Target) -> Iterator[Finding]:
    """What is wrong with the operator's steps, and with processes that they should name."""
    for operation, step in target.operator.items():
        place = ("operator", str(operation))
        if isinstance(step, JwtStep):
            yield place, "makes a token; an operation asks the platform something"
            continue
        rows = step.rows is not None or isinstance(step, (FileStep, PrometheusStep))
        if operation in ROWS and not rows:
            yield (
                place,
                "has many entries: 'list' has to say where they stand in the answer ('list: \"\"' for all of it)",
            )
        if operation not in ROWS and rows:
            yield place, "has one answer, no rows; leave 'list' out"
        for word in step.keep:
            if word not in set(OperatorWord):
                yield (*place, "keep", word), f"is read by nothing{meant(word, OperatorWord)}; {listed(OperatorWord)}"
        for group in ROWS.get(operation, ()):
            if not group & set(step.keep):
                yield place, f"keeps none of {', '.join(sorted(group))}: nobody would know whom or what a row is about"
        used = set(names_in(step.model_dump()))
        for group in OPERATION_NEEDS.get(operation, ()):
            if not group & used:
                yield (
                    place,
                    f"sends none of {', '.join(f'{{{word}}}' for word in sorted(group))}: it would not say what it is about",
                )
    agents = target.operator.get(OperatorOperation.AGENTS)
    if target.processes is not None and target.processes.operator:
        keeps = agents.keep if agents is not None and not isinstance(agents, JwtStep) else {}
        if OperatorWord.PID not in keeps:
            yield ("processes", "operator"), "needs 'operator.agents' with 'keep: {pid: PATH, ...}'"
