"""Prometheus text: samples with labels, and rows of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SAMPLE = re.compile(r"([A-Za-z_:][\w:]*)(\{.*\})?\s+(\S+)(?:\s+-?\d+)?(?:\s+#.*)?")
_LABEL = re.compile(r'\s*([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?')
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class MetricSample:
    """One value of one metric."""

    name: str
    labels: dict[str, str]
    value: float


def read_prometheus(text: str) -> Iterator[MetricSample]:
    """The samples of a text; lines that are none, and values that are no number, are passed over."""
    for line in text.splitlines():
        match = _SAMPLE.fullmatch(line.strip()) if line and line[0] != "#" else None
        if match is None:
            continue
        try:
            value = float(match.group(3))
        except ValueError:
            continue
        if math.isfinite(value):
            labels = {label.group(1): _plain(label.group(2)) for label in _LABEL.finditer((match.group(2) or "")[1:-1])}
            yield MetricSample(match.group(1), labels, value)


def rows_of_samples(samples: Iterator[MetricSample], by: Sequence[str]) -> list[dict[str, object]]:
    """One row for each combination of the labels ``by``: these labels, and each metric by name, added up over other labels."""
    sums: dict[tuple[str, ...], dict[str, float]] = {}
    for sample in samples:
        if all(label in sample.labels for label in by):
            row = sums.setdefault(tuple(sample.labels[label] for label in by), {})
            row[sample.name] = row.get(sample.name, 0.0) + sample.value
    return [{**dict(zip(by, labels, strict=True)), **metrics} for labels, metrics in sums.items()]


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda match: {"n": "\n"}.get(match.group(1), match.group(1)), text)
