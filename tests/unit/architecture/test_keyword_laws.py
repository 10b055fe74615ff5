"""A keyword translates: the rooms that know Robot hold little code, and no keyword waits, loops or decides."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LIBRARIES = sorted((ROOT / "libraries").glob("*Library.py"))
KNOW_ROBOT = [
    *LIBRARIES,
    *(
        file
        for room in ("robot_support", "registry_keywords")
        for file in sorted((ROOT / "libraries" / room).rglob("*.py"))
    ),
]
MOST_LINES = 2_400
LONGEST_KEYWORD = 12
FORBIDDEN_NAMES = {"Limit", "Verdict", "sleep"}


def code_lines(source: str) -> int:
    """Lines that are neither blank, comment nor docstring."""
    tree = ast.parse(source)
    lines = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
        and token.type != tokenize.ENDMARKER
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def keywords_of(tree: ast.AST) -> list[ast.FunctionDef]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(getattr(d, "id", getattr(getattr(d, "func", None), "id", "")) == "keyword" for d in node.decorator_list)
    ]


def faults(function: ast.FunctionDef) -> list[str]:
    """What a keyword does that it must not do."""
    found = [type(n).__name__ for n in ast.walk(function) if isinstance(n, (ast.For, ast.While, ast.Try))]
    names = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
    names |= {n.attr for n in ast.walk(function) if isinstance(n, ast.Attribute)}
    return [*found, *sorted(names & FORBIDDEN_NAMES)]


def named(file: Path) -> str:
    return str(file.relative_to(ROOT / "libraries"))


def test_the_rooms_that_know_robot_hold_little_code() -> None:
    total = sum(code_lines(file.read_text(encoding="utf-8")) for file in KNOW_ROBOT)
    assert total <= MOST_LINES


@pytest.mark.parametrize("file", KNOW_ROBOT, ids=named)
def test_nothing_that_knows_robot_waits(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.While)]
    assert "time.sleep" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", LIBRARIES, ids=named)
def test_a_keyword_translates(file: Path) -> None:
    for function in keywords_of(ast.parse(file.read_text(encoding="utf-8"))):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        lines = sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in body)
        assert faults(function) == [], f"{named(file)}: {function.name}"
        assert lines <= LONGEST_KEYWORD, f"{named(file)}: {function.name} has {lines} lines"


@pytest.mark.parametrize("file", LIBRARIES, ids=named)
def test_a_library_is_one_fresh_object_for_each_suite_file(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert 'scope="SUITE"' in source or file.name == "ReportLibrary.py", "the listener alone lives as long as the run"


@pytest.mark.parametrize(
    "source",
    [
        "@keyword\ndef f(self):\n    for x in y:\n        g(x)",
        "@keyword\ndef f(self):\n    while g():\n        pass",
        "@keyword\ndef f(self):\n    time.sleep(1)",
        "@keyword('name')\ndef f(self):\n    h(Limit(value=1))",
        "@keyword\ndef f(self):\n    return Verdict.PASS",
    ],
)
def test_a_keyword_that_does_more_is_seen(source: str) -> None:
    (function,) = keywords_of(ast.parse(source))
    assert faults(function)
