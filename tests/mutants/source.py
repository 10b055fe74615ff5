"""The source of the reference platform: its modules, and the places in them that operators ask for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLATFORM = Path("libraries/reference_platform")
#: What no tenant ever reaches: seeded defects, starting and finding servers, argument parsing.
LEFT_OUT = (
    "defects/",
    "services/",
    "command_line.py",
    "__main__.py",
    "supervisor.py",
    "gateway_process.py",
    "handover.py",
)
#: The work that agents pretend to do is the tenant's own; the analytics store is not there without an extra package.
LEFT_OUT += ("agents/inside/workloads/", "state/metrics.py", "settings.py", "log_file.py")
#: Words that say whose something is.
IDENTITY = frozenset(
    {
        "tenant",
        "tenant_name",
        "user",
        "user_name",
        "thread",
        "session",
        "session_id",
        "agent_id",
        "owner",
        "role",
        "topic",
    }
    | {"lease_id", "run_id", "correlation_id", "holder", "token_id", "agent", "identity", "claims", "prefix", "cause"}
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes of a file that are replaced."""

    start: int
    end: int
    text: str


@dataclass
class Module:
    """One file of the platform.

    Attributes:
        path: Below the platform's folder.
        source: Its bytes.
    """

    path: str
    source: bytes
    tree: ast.Module = field(init=False)

    def __post_init__(self) -> None:
        """Parse it."""
        self.tree = ast.parse(self.source)
        lines = self.source.splitlines(keepends=True)
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line))
        self._parents: dict[ast.AST, ast.AST] = {}
        for parent in ast.walk(self.tree):
            for child in ast.iter_child_nodes(parent):
                self._parents.setdefault(child, parent)

    def start(self, node: ast.AST) -> int:
        """Where a node begins (bytes)."""
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.AST) -> int:
        """Where it ends."""
        return self._starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.AST) -> str:
        """Its text."""
        return self.source[self.start(node) : self.end(node)].decode()

    def line_start(self, node: ast.stmt) -> int:
        """Where the first line of a statement begins; decorators are not looked at."""
        return self._starts[node.lineno - 1]

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node stands in, from the inside to the outside."""
        while (parent := self._parents.get(node)) is not None:
            yield parent
            node = parent

    def function_of(self, node: ast.AST) -> Function | None:
        """The innermost function."""
        return next((a for a in self.ancestors(node) if isinstance(a, Function)), None)

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """The innermost class."""
        return next((a for a in self.ancestors(node) if isinstance(a, ast.ClassDef)), None)

    def statement_of(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that begins a line."""
        for each in (node, *self.ancestors(node)):
            if isinstance(each, ast.stmt) and not (
                isinstance(each, ast.If) and self.source[self.start(each) : self.start(each) + 4] == b"elif"
            ):
                return each
        raise ValueError("no statement")

    def name_of(self, node: ast.AST) -> str:
        """In which class and function a node stands."""
        names = [a.name for a in self.ancestors(node) if isinstance(a, (Function, ast.ClassDef))]
        return ".".join(reversed(names)) or "(module)"

    def in_raise(self, node: ast.AST) -> bool:
        """Whether a node only makes the text of an error, an audit entry or a log line."""
        for each in self.ancestors(node):
            if isinstance(each, ast.Raise):
                return True
            if isinstance(each, ast.Call) and re.search(r"(^|\.)_?(audit|log|note)\b|_note$", ast.unparse(each.func)):
                return True
        return False

    @cached_property
    def functions(self) -> list[Function]:
        """All of its functions."""
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes in order of their place."""
        found = [node for node in ast.walk(self.tree) if hasattr(node, "lineno")]
        return sorted(found, key=lambda node: (node.lineno, node.col_offset))

    def is_docstring(self, node: ast.AST) -> bool:
        """Whether a text is no more than a comment."""
        return isinstance(self._parents.get(node), ast.Expr)

    def is_text(self, statement: ast.stmt) -> bool:
        """Whether a statement is no more than a comment."""
        return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)

    def in_annotation(self, node: ast.AST) -> bool:
        """Whether a node says what something is for the reader only."""
        child = node
        for parent in self.ancestors(node):
            if isinstance(parent, (ast.arg, ast.AnnAssign)) and parent.annotation is child:
                return True
            if isinstance(parent, Function) and (parent.returns is child or child in parent.decorator_list):
                return True
            child = parent
        return False

    def users_of_name(self, name: str) -> list[ast.stmt]:
        """Statements inside functions that use a name of the module."""
        found = []
        for node in self.nodes:
            if not isinstance(node, ast.Name) or node.id != name or not isinstance(node.ctx, ast.Load):
                continue
            if self.function_of(node) is not None and not self.in_annotation(node):
                found.append(self.statement_of(node))
        return list(dict.fromkeys(found))


def last_word(node: ast.AST) -> str:
    """The last name of an expression: ``owner.tenant`` is about a tenant."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    return ""


def is_identity(node: ast.AST) -> bool:
    """Whether an expression says whose something is."""
    word = last_word(node)
    if word == "name" and isinstance(node, ast.Attribute):
        return last_word(node.value) in {"user", "tenant", "self"}
    return word.lstrip("_") in IDENTITY


def modules(root: Path = ROOT) -> dict[str, Module]:
    """The modules in which mutants are looked for, by path below the platform's folder."""
    folder = root / PLATFORM
    found = {}
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(folder).as_posix()
        if not any(path.startswith(part) or path.endswith("/" + part) for part in LEFT_OUT):
            found[path] = Module(path, file.read_bytes())
    return found
