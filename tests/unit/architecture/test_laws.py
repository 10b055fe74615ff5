"""The laws of the house, read from the source: who may import whom, how long a file may be, what no file may do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

LIBRARIES = Path(__file__).resolve().parents[3] / "libraries"
FILES = sorted(LIBRARIES.rglob("*.py"))
KNOW_ROBOT = {"keywords", "robot_support", "registry_keywords", "scenario_editor"}
"""The keyword libraries themselves, what they share, and the parts of large ones."""
PACKAGES = {"isolation", "reference_platform", "process_control", *KNOW_ROBOT}
MAY_IMPORT = {
    "isolation.record": set[str](),
    "isolation.settings": {"isolation.record"},
    "isolation.judge": {"isolation.record", "isolation.target", "isolation.judge.scan"},
    "isolation.judge.scan": {"isolation.record"},
    "isolation.show": {"isolation.record", "isolation.judge", "isolation.settings", "isolation.target"},
    "isolation.scenarios": {
        "isolation.judge.scan",
        "isolation.record",
        "isolation.settings",
        "isolation.target",
        "isolation.drive",
        "process_control",
    },
    "isolation.target": {"isolation.record", "isolation.settings"},
    "isolation.drive": {"isolation.record", "isolation.settings", "isolation.target", "process_control"},
    "isolation": set[str](),
    "process_control": set[str](),
    "reference_platform": {"process_control"},
}
"""Rooms that Robot does not know, and which other rooms of the house each may import. ``isolation`` is its own face."""
COMMAND_LINES = {"isolation/target/__main__.py"}
"""Nobody imports a command line, so it may call what stands above its room (never Robot, never the reference platform)."""
LONGEST = 400


def room(parts: tuple[str, ...]) -> str:
    """The room of a module: package, or for ``isolation`` package and subpackage; what reads secrets is a room by itself."""
    if parts[:3] == ("isolation", "judge", "scan"):
        return ".".join(parts[:3])
    return ".".join(parts[:2]) if parts[0] == "isolation" and len(parts) > 1 else parts[0]


def room_of(file: Path) -> str:
    return room(file.relative_to(LIBRARIES).parent.parts or ("keywords",))


def imported(tree: ast.AST, package: tuple[str, ...] = ()) -> set[str]:
    """Every module that a piece of source imports, anywhere in it, also by ``import_module("name")``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            found.add(module)
            found.update(f"{module}.{alias.name}" for alias in node.names if module in PACKAGES)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("import_module", "__import__"):
                found.add(str(node.args[0].value))
    return found


def forbidden(own: str, modules: set[str]) -> set[str]:
    """The imported modules that this room may not import."""
    allowed = MAY_IMPORT[own] | {own}
    inside = {module for module in modules if module.split(".")[0] in PACKAGES}
    robot = {module for module in modules if module.split(".")[0] in ("robot", "robotlibcore")}
    return robot | {module for module in inside if room(tuple(module.split("."))) not in allowed | {"isolation"}}


def swallows_everything(tree: ast.AST) -> list[int]:
    """Lines of handlers that catch everything and do nothing about it."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _catches_all(node.type) and all(map(_does_nothing, node.body))
    ]


def _catches_all(caught: ast.expr | None) -> bool:
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(name is None or getattr(name, "id", "") in ("Exception", "BaseException") for name in names)


def _does_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Pass, ast.Continue)) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def parse(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def named(file: Path) -> str:
    return str(file.relative_to(LIBRARIES))


def test_there_are_files_to_check() -> None:
    assert set(MAY_IMPORT) - {"isolation"} <= {room_of(file) for file in FILES}


@pytest.mark.parametrize("file", [file for file in FILES if room_of(file) in MAY_IMPORT], ids=named)
def test_a_file_imports_only_from_rooms_that_it_may_know(file: Path) -> None:
    package = file.relative_to(LIBRARIES).parent.parts
    found = forbidden(room_of(file), imported(parse(file), package))
    if named(file) in COMMAND_LINES:
        found = {module for module in found if not module.startswith("isolation.")}
    assert found == set()


@pytest.mark.parametrize("file", [file for file in FILES if room_of(file) not in MAY_IMPORT], ids=named)
def test_keyword_libraries_reach_the_reference_platform_only_through_its_doors(file: Path) -> None:
    assert not {module for module in imported(parse(file)) if module.split(".")[0] == "reference_platform"}


def test_every_room_has_a_law() -> None:
    assert {room_of(file) for file in FILES} - set(MAY_IMPORT) <= KNOW_ROBOT


@pytest.mark.parametrize("file", FILES, ids=named)
def test_no_file_is_too_long_to_be_read_in_one_sitting(file: Path) -> None:
    lines = len(file.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST, f"{named(file)} has {lines} lines"


@pytest.mark.parametrize("file", FILES, ids=named)
def test_no_file_swallows_every_exception(file: Path) -> None:
    assert swallows_everything(parse(file)) == []


@pytest.mark.parametrize(
    ("own", "source"),
    [
        ("isolation.drive", "from isolation.judge.traffic.answers import judge_answers"),
        ("isolation.drive", "import isolation.show.console"),
        ("isolation.drive", "from isolation import judge"),
        ("isolation.drive", "def late():\n    from isolation.show import text"),
        ("isolation.judge", "from isolation.drive.load.plans import Stream"),
        ("isolation.judge", "from isolation.settings.profile import Profile"),
        ("isolation.judge", "from ..drive import load"),
        ("isolation.record", "from isolation.judge import answers"),
        ("isolation.record", "import process_control.reading"),
        ("isolation.scenarios", "from isolation.judge.traffic.answers import judge_answers"),
        ("isolation.drive", "from isolation.scenarios.api import Api"),
        ("isolation.settings", "from robot.api import logger"),
        ("isolation.drive", "from importlib import import_module\nimport_module('reference_platform.settings')"),
        ("reference_platform", "from isolation.record import Operation"),
        ("process_control", "from reference_platform.settings import PlatformSettings"),
        ("process_control", "import isolation.record"),
        ("isolation.judge", "from robot_support.collector import COLLECTOR"),
    ],
)
def test_a_broken_law_is_seen(own: str, source: str) -> None:
    assert forbidden(own, imported(ast.parse(source), tuple(own.split("."))))


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    f()\nexcept Exception:\n    pass",
        "try:\n    f()\nexcept:\n    pass",
        "for i in x:\n    try:\n        f()\n    except (OSError, BaseException):\n        continue",
        "try:\n    f()\nexcept Exception as error:\n    'never mind'",
    ],
)
def test_a_swallowed_exception_is_seen(source: str) -> None:
    assert swallows_everything(ast.parse(source))


def test_a_handled_exception_is_left_alone() -> None:
    assert not swallows_everything(ast.parse("try:\n    f()\nexcept OSError:\n    pass"))
    assert not swallows_everything(ast.parse("try:\n    f()\nexcept Exception as error:\n    tell(error)"))
