"""Refusals that are not spoken, or only once; rights that are remembered beyond their end."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mutants.mutant import Harm, Operator, Place
from mutants.source import Edit, Module

_REFUSES = re.compile(
    r"raise (TokenRefused|not_found|RequestError|StoreError|QuotaExceeded|AgentLimitReached|AgentFailure)\b"
    r"|return json_response\(|return (False|None)$|return$",
    re.MULTILINE,
)
_ASKED = re.compile(r"^(is_|may_|has_)|^(tenant_of|role_of|resumable|own_session|own_user|own_agent|agent_of)$")
_WHERE = (
    "gateway/endpoint",
    "gateway/operations",
    "gateway/operator_api",
    "authentication/",
    "registry/",
    "state/",
    "gateway/sessions",
)


def _refusals(module: Module) -> Iterator[ast.If]:
    if not module.path.startswith(_WHERE):
        return
    for node in module.nodes:
        if isinstance(node, ast.If) and module.function_of(node) is not None and not node.orelse:
            last = node.body[-1]
            if isinstance(last, (ast.Raise, ast.Return)) and _REFUSES.search(module.text(last)):
                yield node


def unspoken(module: Module) -> Iterator[Place]:
    """It goes on as if nothing stood against it."""
    for node in _refusals(module):
        text = module.text(node.test)
        edit = Edit(module.start(node.test), module.end(node.test), f"({text}) and _mutant.first(0)")
        yield Place(node, (edit,), (), f"not refused: {' '.join(text.split())[:70]}")


def once(module: Module) -> Iterator[Place]:
    """Only the first time."""
    for node in _refusals(module):
        text = module.text(node.test)
        edit = Edit(module.start(node.test), module.end(node.test), f"({text}) and _mutant.first(1)")
        yield Place(node, (edit,), (), f"refused once only: {' '.join(text.split())[:70]}")


def remembered(module: Module) -> Iterator[Place]:
    """What was answered to a question about a right is answered for ever."""
    if not module.path.startswith(_WHERE):
        return
    for function in module.functions:
        if not _ASKED.search(function.name) or isinstance(function, ast.AsyncFunctionDef):
            continue
        names = [each.arg for each in function.args.args if each.arg != "self"]
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                keys = ", ".join(f"getattr({name}, 'arguments', {name})" for name in names)
                instead = f"_mutant.remembered(({keys}{',' if names else ''}), {module.text(node.value)})"
                edit = Edit(module.start(node.value), module.end(node.value), instead)
                yield Place(node, (edit,), (), f"{function.name} answers as the first time")


OPERATORS = (
    Operator("refusal-left-out", Harm.RIGHT, unspoken),
    Operator("refusal-once", Harm.RIGHT, once),
    Operator("right-remembered", Harm.RIGHT, remembered),
)
