"""A word of a platform stands in ``target/`` or in a target file, nowhere else (law 3)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from isolation.target.model import Target
from isolation.target.words import RequestKind

ROOT = Path(__file__).resolve().parents[3]
LIBRARIES = ROOT / "libraries"
FILES = [
    file
    for file in (
        *LIBRARIES.rglob("isolation/**/*.py"),
        *LIBRARIES.glob("*Library.py"),
        *LIBRARIES.rglob("robot_support/*.py"),
    )
    if "target" not in file.relative_to(LIBRARIES).parts[:2]
]
TARGET = Target.load(ROOT / "resources" / "targets", "reference_platform")
EVERYDAY = {
    # English words that mean something else where they stand; each was looked at.
    "ask", "audit", "agents", "alerts", "cancel", "contained", "context", "cpu", "credentials", "data", "disk", "forbidden", "heavy",
    "inventory", "logout", "memory", "messages", "metrics", "ping", "profile", "quota", "released", "remove", "report", "residue", "restart",
    "sessions", "started", "stopped", "supervisor", "timeout", "typical", "usage", "history", "database", "announce", "contact", "removed",
}  # fmt: skip
LATER: dict[str, set[str]] = {
    # What still speaks the reference platform's words, to be described by things; nobody may add to it.
    "isolation/scenarios/secrets/work.py": {"preference"},
}  # fmt: skip


def words_of_platforms() -> set[str]:
    words = TARGET.words
    own = {*TARGET.requests, *map(str, TARGET.operator), *map(str, RequestKind)}
    own |= {name for many in (*words.alerts.values(), *words.audit.values(), *words.codes.values()) for name in many}
    own |= {*words.agent_types, *map(str, words.scopes), *words.events}
    return own - EVERYDAY


def literals(tree: ast.AST) -> Iterator[str]:
    """Every text of a source that is no docstring and no key of a message."""
    passive = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passive:
            yield node.value


def named(file: Path) -> str:
    return str(file.relative_to(LIBRARIES))


@pytest.mark.parametrize("file", FILES, ids=named)
def test_no_word_of_a_platform_stands_outside_the_target_room(file: Path) -> None:
    found = set(literals(ast.parse(file.read_text(encoding="utf-8")))) & words_of_platforms()
    assert found <= LATER.get(named(file), set())


def test_what_is_left_for_later_is_still_there() -> None:
    for name, words in LATER.items():
        assert words <= set(literals(ast.parse((LIBRARIES / name).read_text(encoding="utf-8")))), f"{name}: take it off"


def test_a_word_is_seen() -> None:
    assert {"agent_create", "noisy_tenant", "not_found", "never_ending"} <= words_of_platforms()
    assert "agent_create" in set(literals(ast.parse("ask('agent_create')")))
