"""OpenMetrics: every number of the run, for a time series database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from isolation.record import Measurement
from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.verdicts import PromiseVerdict

_PREFIX = "tenant_isolation"


def openmetrics(evidence: DecidedEvidence) -> str:
    """Gauges of value, limit, interval and samples, and the verdict of each promise as a set of states."""
    environment = evidence.environment
    run = {"target": environment.target, "profile": environment.profile, "run": environment.run_id}
    lines = [
        *_family("run_info", "info", "The run that was measured.", [({**run, "commit": evidence.identity.commit}, 1.0)])
    ]
    verdicts = [
        ({"promise": promise.id, f"{_PREFIX}_promise": verdict.value}, float(promise.verdict is verdict))
        for promise in evidence.promises
        for verdict in PromiseVerdict
    ]
    lines += _family("promise", "stateset", "The verdict of each promise.", verdicts)
    numbers = list(_labelled(evidence))
    for name, words, of in (
        ("measurement", "The measured value.", lambda m: m.value),
        ("limit", "What the value is held against.", lambda m: m.limit.value if m.limit else None),
        ("interval_low", "Lower end of the interval.", lambda m: m.interval.low if m.interval else None),
        ("interval_high", "Upper end of the interval.", lambda m: m.interval.high if m.interval else None),
        ("samples", "How many observations stand behind the value.", lambda m: float(m.samples)),
    ):
        lines += _family(name, "gauge", words, ((labels, of(m)) for labels, m in numbers))
    return "\n".join([*lines, "# EOF"]) + "\n"


def _labelled(evidence: DecidedEvidence) -> Iterator[tuple[dict[str, str], Measurement]]:
    """Every number with labels that no other number has."""
    seen: Counter[tuple[str, ...]] = Counter()
    for case in evidence.cases:
        for m in case.measurements:
            labels = {"promise": m.promise, "metric": m.metric, "unit": m.unit, "test": case.id}
            key = tuple(labels.values())
            seen[key] += 1
            yield {**labels, **({"again": str(seen[key])} if seen[key] > 1 else {})}, m


def _family(name: str, kind: str, words: str, samples: Iterable[tuple[dict[str, str], float | None]]) -> list[str]:
    family = f"{_PREFIX}_{name.removesuffix('_info')}"
    suffix = "_info" if kind == "info" else ""
    head = [f"# TYPE {family} {kind}", f"# HELP {family} {words}"]
    return head + [f"{family}{suffix}{{{_labels(labels)}}} {value!r}" for labels, value in samples if value is not None]


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
