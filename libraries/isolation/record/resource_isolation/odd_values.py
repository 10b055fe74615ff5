"""The record of one user's odd and large values, and how long others waited meanwhile (RI-4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record


@dataclass(frozen=True, slots=True)
class OddTry:
    """One odd value in one place of one request.

    Attributes:
        request: The request.
        place: The field, header or part of the address.
        oddity: What is odd about it, such as ``many digits``.
        size: How many characters it has.
        outcome: How the request ended.
        took_s: How long its own answer took (s), of the first try.
        waits_s: The longest wait of anybody else for the cheapest answer during each try (s); one that was long is tried again.
    """

    request: str
    place: str
    oddity: str
    size: int
    outcome: str
    took_s: float
    waits_s: tuple[float, ...]

    @property
    def words(self) -> str:
        """Such as ``many digits (48,000 characters) in the header Range of file_get``."""
        return f"{self.oddity} ({self.size:,} characters) in {self.place} of {self.request}"


@experiment_record
@dataclass(slots=True)
class OddValuesRecord:
    """What was seen.

    Attributes:
        caller: Who sent odd values.
        others: Who was served meanwhile.
        tries: Every odd value.
        calm_s: The longest wait of anybody in each stretch without odd values (s).
        answered: How many of the others' requests were answered.
        left_out: How many odd values there was no time for.
    """

    caller: str
    others: tuple[str, ...]
    tries: list[OddTry] = field(default_factory=list)
    calm_s: tuple[float, ...] = ()
    answered: int = 0
    left_out: int = 0
