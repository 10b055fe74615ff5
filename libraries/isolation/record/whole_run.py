"""The record of the run as a whole: what it has given away, and what is left of the tenants that it made (OP-3, OP-7)."""

from __future__ import annotations

from dataclasses import dataclass

from isolation.record.experiments import experiment_record


@dataclass(frozen=True, slots=True)
class OutputSearch:
    """A search for secrets in everything that the run has written.

    Attributes:
        files: How many files were read.
        secrets: How many secrets were looked for by themselves.
        shapes: How many shapes of secrets.
        found: What was found in which file, in words; never the secret.
        unreadable: Files that could not be read.
        control_found: Whether the same search found a public text that the suite had planted.
    """

    files: int
    secrets: int
    shapes: int
    found: tuple[str, ...]
    unreadable: tuple[str, ...]
    control_found: bool


@experiment_record
@dataclass(slots=True)
class WholeRunRecord:
    """What was seen.

    Attributes:
        tenants: How many tenants the run has made and removed.
        counted_alive: How many things the operator's count found of living tenants.
        left: What could not be removed, of all tenants of the run; None when nobody could count.
        traces_alive: How many rows, roles and keys the stores held of living tenants.
        traces_left: Those that they held after the removal, in words.
        traces_missed: What could not be looked at, in words.
        searched: The stores that were looked into.
        not_countable: Why the target cannot be asked what is left; else empty.
        not_searchable: Why none of its stores can be looked into; else empty.
        not_removed: Tenants that could not be removed, each with the reason: nobody knows what is left of them.
    """

    output: OutputSearch
    tenants: int
    counted_alive: int
    left: tuple[str, ...] | None
    traces_alive: int
    traces_left: tuple[str, ...]
    traces_missed: tuple[str, ...]
    searched: tuple[str, ...]
    not_countable: str = ""
    not_searchable: str = ""
    not_removed: tuple[str, ...] = ()
