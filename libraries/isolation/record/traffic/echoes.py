"""A text that a request carried, and the one that came back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Echo:
    """What was said and what came back.

    Attributes:
        tenant: Who said it.
        said: The text of the request, different in every request of the run.
        heard: The text in its answer, or None without an answer.
    """

    tenant: str
    said: str
    heard: str | None
