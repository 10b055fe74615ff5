"""A text that a request carried, and the one that came back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Echo:
    """What was said and what came back.

    Attributes:
        tenant: Who said it.
        said: The text of the request, different in every request of the run.
        heard: The text that its answer gives back; None without an answer, or when it gives none back.
    """

    tenant: str
    said: str
    heard: str | None
