"""Which lines of the platform each suite file reaches: a mutant is run only where it can act.

``python tests/mutants/reach.py [SUITE ...]`` measures it on a copy in which every statement notes that it was reached, and
writes ``reach.json`` beside this file. A module that has changed since counts as reached by all.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutants.mutant import EFFECTS, Mutant, import_edit
from mutants.private_copy import Copy, private_copy
from mutants.source import PLATFORM, Edit, Module, modules

FILE = Path(__file__).parent / "data" / "reach.json"


class Reach:
    """What was measured."""

    def __init__(self, file: Path = FILE) -> None:
        """Read it."""
        self._modules = json.loads(file.read_text("utf-8")) if file.exists() else {}

    def of(self, mutant: Mutant, suite: str) -> bool:
        """Whether a suite file reaches a mutant's place; True when that is not known."""
        known = self._modules.get(mutant.module.path)
        if known is None or known["digest"] != digest(mutant.module) or suite not in known["lines"]:
            return True
        node = mutant.place.node
        # A refusal or a limit acts where it holds, not where it is asked.
        statements = mutant.place.marks or (
            mutant.module.statement_of(node.body[0] if isinstance(node, ast.If) else node),
        )
        if any(mutant.module.function_of(statement) is None for statement in statements):
            return True
        lines = set(known["lines"][suite])
        return any(_inner(mutant.module, statement).lineno in lines for statement in statements)


def digest(module: Module) -> str:
    """Changes with the module."""
    return hashlib.sha256(module.source).hexdigest()[:12]


def noting(module: Module, number: int) -> bytes:
    """The module's source in which every statement of a function notes that it was reached."""
    edits = [import_edit(module)]
    for statement in {_inner(module, node) for node in module.nodes if isinstance(node, ast.stmt)}:
        if module.function_of(statement) is not None and not module.is_text(statement):
            start = module.line_start(statement)
            text = f"{' ' * statement.col_offset}_mutant.line({number}, {statement.lineno})\n"
            edits.append(Edit(start, start, text))
    source = module.source
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        source = source[: edit.start] + edit.text.encode() + source[edit.end :]
    return source


def measure(suites: Iterable[str]) -> None:
    """Run suite files on a copy that notes, and write down what they reached."""
    from mutants.trial import run_suite

    sources = list(modules().values())
    known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    for suite in suites:
        with private_copy(None) as copy:
            _write(copy, sources)
            run_suite(copy, suite)
            noted = [path.name.split("-")[1:] for path in copy.notes.glob("line-*")]
        for number, module in enumerate(sources):
            entry = known.setdefault(module.path, {"digest": "", "lines": {}})
            if entry["digest"] != digest(module):
                entry = known[module.path] = {"digest": digest(module), "lines": {}}
            entry["lines"][suite] = sorted(int(line) for index, line in noted if int(index) == number)
        print(f"{suite}: {len(noted)} statements", flush=True)
        FILE.write_text(json.dumps(known, separators=(",", ":")).replace("},", "},\n") + "\n", "utf-8")


def _write(copy: Copy, sources: list[Module]) -> None:
    folder = copy.root / PLATFORM
    effects = (Path(__file__).parent / EFFECTS).read_text("utf-8")
    (folder / EFFECTS).write_text(effects.replace('"NOTES"', repr(str(copy.notes))), "utf-8")
    for number, module in enumerate(sources):
        (folder / module.path).write_bytes(noting(module, number))


def _inner(module: Module, node: ast.AST) -> ast.stmt:
    """The statement that begins a line of its own, for a marker before it."""
    return module.statement_of(node)


if __name__ == "__main__":
    from mutants.trial import all_suites

    measure(sys.argv[1:] or all_suites())
