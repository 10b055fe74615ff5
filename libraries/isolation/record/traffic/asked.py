"""A request together with what was asked for: an operation alone does not say which agent it named."""

from __future__ import annotations

from dataclasses import dataclass

from isolation.record.traffic.operations import Operation


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request.

    Attributes:
        arguments: What was asked for, in the suite's own words.
        operation: What became of it.
    """

    arguments: dict[str, object]
    operation: Operation
