"""A mutant: one rule at one place; how it is found, told apart from others, and written into a copy of the tree."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mutants.source import PLATFORM, Edit, Module, modules

EFFECTS = "mutant_effects.py"


class Harm(StrEnum):
    """What a mutant does to somebody; decides which words a failure has to say."""

    IDENTITY = "reaches what is another one's"
    RIGHT = "may what it may not"
    LEFT_BEHIND = "leaves something behind"
    LIMIT = "takes more than its share"
    DELIVERY = "gets too much, too little, too late"
    SECRET = "is found where it does not belong"


@dataclass(frozen=True)
class Place:
    """Where a rule applies in a module, and what it makes of it.

    Attributes:
        node: The mutated node.
        edits: What is written instead.
        marks: Statements before which the copy notes that the mutant was reached; empty when an edit notes it itself.
        says: The change in a few words.
        elsewhere: Edits of other files, by path.
    """

    node: ast.AST
    edits: tuple[Edit, ...]
    marks: tuple[ast.stmt, ...]
    says: str
    elsewhere: tuple[tuple[str, bytes, bytes], ...] = ()


@dataclass(frozen=True)
class Operator:
    """A rule.

    Attributes:
        name: As on the command line.
        harm: What its mutants do.
        find: Its places in a module.
    """

    name: str
    harm: Harm
    find: Callable[[Module], Iterable[Place]]


@dataclass(frozen=True)
class Mutant:
    """One rule at one place.

    Attributes:
        name: Stays the same while the place's text and function do.
        operator: The rule.
        module: The file.
        place: Where and how.
    """

    name: str
    operator: Operator
    module: Module
    place: Place

    @property
    def where(self) -> str:
        """For people."""
        return f"{self.module.path}:{self.place.node.lineno} {self.module.name_of(self.place.node)}"

    @property
    def tells_difference(self) -> bool:
        """Whether the copy notes when another result came out; a change of a text is another result whenever it is used."""
        return any("_mutant." in edit.text for edit in self.place.edits)

    def text(self) -> bytes:
        """The module's source with the mutant in it."""
        edits = list(self.place.edits)
        for statement in self.place.marks:
            start = self.module.line_start(statement)
            edits.append(Edit(start, start, " " * statement.col_offset + "_mutant.acted()\n"))
        edits.append(import_edit(self.module))
        source = self.module.source
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
            source = source[: edit.start] + edit.text.encode() + source[edit.end :]
        return source

    def write(self, root: Path, notes: Path) -> None:
        """Write it into a copy of the tree.

        Args:
            root: The copy, never the repository.
            notes: Folder in which the copy notes that the mutant was reached, and that it made a difference.
        """
        folder = root / PLATFORM
        effects = (Path(__file__).parent / EFFECTS).read_text("utf-8")
        (folder / EFFECTS).write_text(effects.replace('"NOTES"', repr(str(notes))), "utf-8")
        (folder / self.module.path).write_bytes(self.text())
        for path, before, after in self.place.elsewhere:
            other = (folder / path).read_bytes()
            assert before in other, f"{path} has no {before!r}"
            (folder / path).write_bytes(other.replace(before, after))


def import_edit(module: Module) -> Edit:
    """``mutant_effects`` under its short name, after what has to come first in a file."""
    last: ast.stmt | None = None
    for statement in module.tree.body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not is_text and not is_future:
            break
        last = statement
    place = 0 if last is None else module.end(last)
    return Edit(place, place, "\nfrom reference_platform import mutant_effects as _mutant\n")


def choice(module: Module, node: ast.expr, instead: str) -> Edit:
    """An expression that is worked out both ways: that it came out differently is noted, and the wrong one is used."""
    before = module.text(node)
    if not is_pure(node):
        return Edit(module.start(node), module.end(node), f"({instead})")
    return Edit(module.start(node), module.end(node), f"_mutant.choose(lambda: ({before}), lambda: ({instead}))")


_HARMLESS_CALLS = {
    "len",
    "str",
    "bool",
    "get",
    "values",
    "keys",
    "lower",
    "casefold",
    "startswith",
    "held_by",
    "partition",
}
_HARMLESS_CALLS |= {"sessions_of", "agent_of", "agents_of", "own_user", "owner_of", "identifier", "optional_identifier"}


def is_pure(node: ast.AST) -> bool:
    """Whether an expression can be worked out twice without harm."""
    for each in ast.walk(node):
        if isinstance(each, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return False
        if isinstance(each, ast.Call):
            name = each.func.attr if isinstance(each.func, ast.Attribute) else getattr(each.func, "id", "")
            if name not in _HARMLESS_CALLS:
                return False
    return True


def generate(operators: Iterable[Operator], sources: Mapping[str, Module] | None = None) -> Iterator[Mutant]:
    """All mutants, in order of operators and places."""
    found = modules() if sources is None else sources
    for operator in operators:
        for module in found.values():
            numbers: Counter[str] = Counter()
            texts = set()
            for place in operator.find(module):
                function = module.name_of(place.node)
                key = f"{operator.name} {module.path} {function} {place.says}"
                numbers[key] += 1
                digest = hashlib.sha256(f"{key} {numbers[key]}".encode()).hexdigest()[:6]
                mutant = Mutant(f"{operator.name}-{digest}", operator, module, place)
                text = mutant.text()
                if text not in texts and _compiles(text):
                    texts.add(text)
                    yield mutant


def _compiles(text: bytes) -> bool:
    try:
        compile(text, "mutant", "exec")
    except SyntaxError:
        return False
    return True
