"""Every keyword, of a library or of the phrase book, says what it does and shows an example."""

from __future__ import annotations

from pathlib import Path

import pytest
from robot.libdocpkg import LibraryDocumentation  # type: ignore[import-untyped]  # no type information there

TOP = Path(__file__).resolve().parents[3]
SOURCES = [*sorted((TOP / "libraries").glob("*Library.py")), *sorted((TOP / "keywords").rglob("*.resource"))]

_ROBOTS_OWN_WORDS = "Documentation for library"
"""What Robot says about a library that says nothing."""


def undocumented(source: Path) -> list[str]:
    """What a reader misses in a library or resource file, one line each.

    Raises:
        DataError: When it cannot be imported.
    """
    described = LibraryDocumentation(str(source))
    by_itself = described.doc.strip() and not described.doc.startswith(_ROBOTS_OWN_WORDS)
    lacking = [] if by_itself else [f"{source.name} itself has no documentation"]
    for keyword in described.keywords:
        before, mark, example = keyword.doc.partition("Example:")
        if not before.strip():
            lacking.append(f"'{keyword.name}' has no documentation")
        if not mark or "|" not in example:
            lacking.append(f"'{keyword.name}' has no example")
    return lacking


def test_there_are_keywords_to_check() -> None:
    assert len(SOURCES) >= 10


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_keyword_is_documented_and_has_an_example(source: Path) -> None:
    assert undocumented(source) == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_no_two_keywords_of_a_file_have_the_same_name(source: Path) -> None:
    names = [keyword.name for keyword in LibraryDocumentation(str(source)).keywords]
    assert len(names) == len(set(names))
    assert names or source.suffix == ".resource"


def test_what_is_missing_is_seen(tmp_path: Path) -> None:
    (tmp_path / "BareLibrary.py").write_text(
        "from robot.api.deco import keyword, library\n"
        "@library\n"
        "class BareLibrary:\n"
        "    @keyword\n"
        "    def silent(self): pass\n"
        "    @keyword\n"
        "    def told(self):\n"
        "        '''Does a thing.'''\n"
        "    @keyword\n"
        "    def shown(self):\n"
        "        '''Does a thing.\n\n        Example:\n        | Shown |\n        '''\n"
    )
    (tmp_path / "bare.resource").write_text(
        "*** Settings ***\nDocumentation    Bare.\n\n*** Keywords ***\nSilent\n    Log    1\n"
    )
    assert undocumented(tmp_path / "BareLibrary.py") == [
        "BareLibrary.py itself has no documentation",
        "'Silent' has no documentation",
        "'Silent' has no example",
        "'Told' has no example",
    ]
    assert undocumented(tmp_path / "bare.resource") == ["'Silent' has no documentation", "'Silent' has no example"]
