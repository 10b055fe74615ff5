"""Something that had to be so, beside what was shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that had to be so.

    Attributes:
        subject: What it is about, such as ``the thread of its triage agent``.
        expected: What had to be shown.
        shown: What was shown; None when nothing was.
    """

    tenant: str
    subject: str
    expected: object
    shown: object
