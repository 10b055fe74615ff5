"""Another one is taken than the one that was named."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mutants.mutant import Harm, Operator, Place
from mutants.source import Edit, Module, is_identity, last_word

_NO_REGISTER = re.compile(
    r"arguments|headers?|claims|environ|frame|event|work|result|settings|profile|kinds|handlers|given_up|events|^GIVEN",
    re.I,
)


def _named(module: Module) -> Iterator[tuple[ast.expr, str, str, str]]:
    """Every look-up by an id: node, mapping, key, default."""
    for node in module.nodes:
        if module.function_of(node) is None or not module.path.startswith(
            ("gateway/", "registry/", "state/", "agents/", "authent", "governor/")
        ):
            continue
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and node.args
        ):
            mapping, key, default = node.func.value, node.args[0], "".join(f", {module.text(a)}" for a in node.args[1:])
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            mapping, key, default = node.value, node.slice, ""
            if not is_identity(key) or module.in_annotation(node):
                continue
        else:
            continue
        if isinstance(key, (ast.Constant, ast.Slice)) or _NO_REGISTER.search(
            last_word(mapping) or ast.unparse(mapping)
        ):
            continue
        yield node, module.text(mapping), module.text(key), default


def _other(place: int, says: str):
    def find(module: Module) -> Iterator[Place]:
        for node, mapping, key, default in _named(module):
            edit = Edit(module.start(node), module.end(node), f"_mutant.end({mapping}, {key}, {place}{default})")
            yield Place(node, (edit,), (), f"{module.text(node)[:60]} is the {says} instead")

    return find


def other_end(module: Module) -> Iterator[Place]:
    """The last instead of the first, the largest instead of the smallest, the newest instead of the oldest."""
    for node in module.nodes:
        if module.function_of(node) is None:
            continue
        if (
            isinstance(node, ast.Subscript)
            and ast.unparse(node.slice) in {"0", "-1"}
            and isinstance(node.ctx, ast.Load)
        ):
            instead = "-1" if ast.unparse(node.slice) == "0" else "0"
            edit = Edit(module.start(node.slice), module.end(node.slice), instead)
            yield Place(node, (edit,), (module.statement_of(node),), f"{module.text(node)[:60]} from the other end")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"min", "max"}:
            instead = "max" if node.func.id == "min" else "min"
            edit = Edit(module.start(node.func), module.end(node.func), instead)
            yield Place(node, (edit,), (module.statement_of(node),), f"{instead} of {module.text(node)[:60]}")
        elif isinstance(node, ast.Attribute) and node.attr == "popleft":
            edit = Edit(module.start(node), module.end(node), module.text(node).replace("popleft", "pop"))
            yield Place(node, (edit,), (module.statement_of(node),), f"{module.text(node)} from the other end")


OPERATORS = (
    Operator("newest-instead", Harm.IDENTITY, _other(-1, "newest")),
    Operator("oldest-instead", Harm.IDENTITY, _other(0, "oldest")),
    Operator("other-end", Harm.IDENTITY, other_end),
)
