"""Limits and quotas that are too wide, hold for the first only, or are forgotten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mutants.mutant import Harm, Operator, Place
from mutants.source import Edit, Module, last_word

_LIMIT = re.compile(
    r"limit|most|largest|longest|max|quota|share|burst|percent|kept|seconds|bytes|strikes|allowed|highest|per_second"
    r"|expires_at|agents_of_a_tenant|sessions_of_a_user|at_once",
    re.IGNORECASE,
)
_NO_LIMIT = re.compile(
    r"close|pause|attempt|start|beat|worth|wait_ms|sample|_at$|poll|tick|port|sequence", re.IGNORECASE
)
_ORDER = (ast.Gt, ast.GtE, ast.Lt, ast.LtE)


def _is_limit(node: ast.AST) -> bool:
    word = last_word(node)
    return bool(_LIMIT.search(word)) and not _NO_LIMIT.search(word)


def _number(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)


def widen_constant(module: Module) -> Iterator[Place]:
    """A number that limits is 12 percent higher."""
    for node in module.nodes:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not node.value or module.function_of(node) is not None:
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        name = last_word(target)
        numbers = [each for each in ast.walk(node.value) if _number(each)]
        if (
            not numbers
            or not _LIMIT.search(name)
            or _NO_LIMIT.search(name)
            or isinstance(node.value, (ast.Call, ast.Dict))
        ):
            continue
        edit = Edit(module.start(node.value), module.end(node.value), f"_mutant.wider({module.text(node.value)})")
        yield Place(node, (edit,), (), f"{name} = {module.text(node.value)} is 12 percent wider")


def widen_comparison(module: Module) -> Iterator[Place]:
    """A comparison with a limit is 12 percent too generous."""
    for node in module.nodes:
        if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not isinstance(node.ops[0], _ORDER):
            continue
        side = next((each for each in (node.comparators[0], node.left) if _is_limit(each)), None)
        if side is None or module.function_of(node) is None or last_word(side).isupper():
            continue
        edit = Edit(module.start(side), module.end(side), f"_mutant.wider({module.text(side)})")
        yield Place(node, (edit,), (), f"{module.text(node)[:60]} is 12 percent too generous")


def _enforced(module: Module) -> Iterator[ast.If]:
    """``if more than the limit: refuse``."""
    for node in module.nodes:
        if isinstance(node, ast.If) and module.function_of(node) is not None and not node.orelse:
            compares = [each for each in ast.walk(node.test) if isinstance(each, ast.Compare)]
            if any(isinstance(each.ops[0], _ORDER) for each in compares):
                yield node


def first_only(module: Module) -> Iterator[Place]:
    """Only the first one who goes beyond a limit is held."""
    yield from _held(module, 1, "holds for the first only")


def forgotten(module: Module) -> Iterator[Place]:
    """The limit is forgotten after it has held a few times."""
    yield from _held(module, 20, "is forgotten after 20 times")


def _held(module: Module, times: int, says: str) -> Iterator[Place]:
    for node in _enforced(module):
        text = module.text(node.test)
        edit = Edit(module.start(node.test), module.end(node.test), f"({text}) and _mutant.first({times})")
        yield Place(node, (edit,), (), f"{text[:60]} {says}")


OPERATORS = (
    Operator("limit-widened", Harm.LIMIT, widen_constant),
    Operator("comparison-widened", Harm.LIMIT, widen_comparison),
    Operator("limit-for-the-first", Harm.LIMIT, first_only),
    Operator("limit-forgotten", Harm.LIMIT, forgotten),
)
