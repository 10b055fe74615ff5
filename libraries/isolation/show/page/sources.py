"""Who says where a limit lies: every source that a limit names leads to a place on the page that says what it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PROMISE = re.compile(r"\b(?:RI|CS|AR|TM|OP)-\d{1,2}\b")


@dataclass(frozen=True, slots=True)
class Source:
    """One document or rule.

    Attributes:
        anchor: Its place on the page.
        words: How sources that mean it begin or what they hold.
        title: What it is.
        where: Where it can be read.
    """

    anchor: str
    words: tuple[str, ...]
    title: str
    where: str


SOURCES = (
    Source("source-000", ("document 000",), "Document 000: validation report of the tenant agent manager", "source documents of the contract, 000"),
    Source("source-001", ("document 001",), "Document 001: final review of the resource isolation test suite", "source documents of the contract, 001"),
    Source("source-002", ("document 002",), "Document 002: final review of the concurrent startup test suite", "source documents of the contract, 002"),
    Source("source-003", ("document 003",), "Document 003: integration tests of the agent registry", "source documents of the contract, 003"),
    Source("source-004", ("document 004", "the plan"), "Document 004: implementation plan of the concurrent startup test suite (\"the plan\")", "source documents of the contract, 004"),
    Source("source-contract", ("contract", "requirements", "promise "), "The contract: the promises as agreed, one by one", "resources/promises.yaml; the annex of the promise that is named"),
    Source("source-protocol", ("protocol.md", "the platform's", "target"), "What the platform says about itself", "libraries/reference_platform/PROTOCOL.md, or the target file"),
    Source("source-scenario", ("the scenario", "the sentence"), "A number in the sentence of a scenario", "the suite file of the test, which the log names"),
    Source("source-suite", (), "The suite's own: a condition under which the method itself can be trusted", "libraries/decisions and the judge that is named in the log"),
)  # fmt: skip
OWN = SOURCES[-1]
"""Stands for whatever no other one fits."""


def anchor_of(source: str) -> str:
    """Where on the page the source of a limit is explained."""
    text = source.lower()
    fitting = (entry for entry in SOURCES if any(text.startswith(word) for word in entry.words))
    found = next(fitting, None) or next(
        (entry for entry in SOURCES if any(word in text for word in entry.words)), SOURCES[-1]
    )
    return found.anchor
