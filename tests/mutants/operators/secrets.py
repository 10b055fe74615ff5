"""A credential, or what a user wrote, is written where it does not belong."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from mutants.mutant import Harm, Operator, Place
from mutants.source import Edit, Module

_SECRET = re.compile(
    r"^(password|token|credential|credentials|secret|value|entry|question|message|payload|claims|arguments|work)$"
)
_WHERE = ("gateway/", "state/", "authentication/", "agents/inside", "registry/session", "agents/process", "agents/link")


def _spills(where: str) -> Callable[[Module], Iterator[Place]]:
    def find(module: Module) -> Iterator[Place]:
        if not module.path.startswith(_WHERE) or (
            where == "log" and not module.path.startswith(("gateway/", "state/", "authent", "registry"))
        ):
            return
        for function in module.functions:
            names = [each.arg for each in (*function.args.args, *function.args.kwonlyargs) if _SECRET.search(each.arg)]
            body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
            if not body or function.name.startswith("__") or function.decorator_list:
                continue
            for name in names:
                start = module.line_start(body[0])
                edit = Edit(start, start, f'{" " * body[0].col_offset}_mutant.spill("{where}", {name})\n')
                yield Place(body[0], (edit,), (), f"{function.name}({name}) is written to {where}")

    return find


OPERATORS = tuple(Operator(f"written-to-{where}", Harm.SECRET, _spills(where)) for where in ("log", "temp", "shm"))
