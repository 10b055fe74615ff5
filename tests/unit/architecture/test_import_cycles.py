"""No circle of imports anywhere, also none that only a type checker sees."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

LIBRARIES = Path(__file__).resolve().parents[3] / "libraries"
Graph = Mapping[str, set[str]]
EXCUSED = {
    (
        "isolation.target.model.target",
        "isolation.target.reading.file",
    ): "Target.load calls its reader, inside the method"
}
"""Arrows that are left out, and why."""


def modules_below(folder: Path) -> dict[str, Path]:
    """Every module of a source folder by its full name."""
    found = {}
    for file in folder.rglob("*.py"):
        parts = file.relative_to(folder).with_suffix("").parts
        found[".".join(parts[:-1] if file.name == "__init__.py" else parts)] = file
    return found


def imports(name: str, source: str, known: set[str], is_package: bool = False) -> set[str]:
    """The known modules that a module imports anywhere in it: at its head, in functions, under TYPE_CHECKING."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            levels = node.level - is_package if node.level else 0
            base = name.split(".")[: len(name.split(".")) - levels] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                found.add(inner if inner in known else module)
    return (found & known) - {name}


def circles(graph: Graph) -> Iterator[list[str]]:
    """Every group of modules that import each other in a circle (Tarjan's strongly connected components, 1972)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = lowest[module] = len(index)
        path.append(module)
        for other in sorted(graph[module]):
            if other not in index:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in path:
                lowest[module] = min(lowest[module], index[other])
        if lowest[module] == index[module]:
            group = path[path.index(module) :]
            del path[path.index(module) :]
            if len(group) > 1:
                found.append(sorted(group))

    for module in sorted(graph):
        if module not in index:
            visit(module)
    yield from found


def graph_of(folder: Path) -> dict[str, set[str]]:
    files = modules_below(folder)
    return {
        name: imports(name, file.read_text(encoding="utf-8"), set(files), file.name == "__init__.py")
        for name, file in files.items()
    }


def test_nothing_in_the_house_imports_in_a_circle() -> None:
    graph = graph_of(LIBRARIES)
    assert len(graph) > 100
    for importer, imported in EXCUSED:
        graph[importer].remove(imported)  # an excuse that is not needed any more fails here
    assert list(circles(graph)) == []


@pytest.mark.parametrize(
    "back",
    [
        "from house.a import A",
        "from house import a",
        "import house.a",
        "from .a import A",
        "def late():\n    from house.a import A",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.a import A",
    ],
)
def test_a_circle_is_seen(back: str, tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    (house / "__init__.py").write_text("")
    (house / "a.py").write_text("from house.b import B\n\nclass A: ...\n")
    (house / "b.py").write_text("from house.c import C\n\nclass B: ...\n")
    (house / "c.py").write_text(f"{back}\n\nclass C: ...\n")
    assert list(circles(graph_of(tmp_path))) == [["house.a", "house.b", "house.c"]]


def test_two_ways_to_the_same_module_are_no_circle(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import b\nimport c\n")
    (tmp_path / "b.py").write_text("import c\n")
    (tmp_path / "c.py").write_text("import json\n")
    assert list(circles(graph_of(tmp_path))) == []
