"""Clean-ups that leave a step out, do it too late, or miss one of several things."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mutants.mutant import Harm, Operator, Place
from mutants.source import Edit, Function, Module

_CLEANING = re.compile(
    r"remove|expel|forget|close|end|release|drop|leave|stop|disconnect|clear|abandon|cut|revoke|expire|purge|clean|finish"
    r"|take_out|take_back|take_role|suspend|lock|give_up|terminate|cancel|reclaim|return_|kill|exit|reset|discard|lost|thaw"
)
_CLEANING_CALL = {
    "unlink",
    "rmtree",
    "rmdir",
    "close",
    "kill",
    "terminate",
    "cancel",
    "aclose",
    "clear",
    "discard",
    "pop",
}
_CLEANING_CALL |= {"remove", "release", "stop", "abandon", "forget", "cut", "end", "purge"}
_WRITES_ONLY = re.compile(r"(^|\.)_?(audit|log|note|books\.settle)\b|_note$|\.write$|^super|session_opened|start_clock")
SECONDS, RIGHTS_SECONDS = 40.0, 6.0
"""Later than the platform and the promises allow: 30 s for what is left behind, 2 s for rights that end."""
_RIGHTS = re.compile(r"^(authentication/|gateway/sessions/rights|gateway/operator_api/rights)")


def _call(statement: ast.stmt) -> ast.Call | None:
    value = statement.value if isinstance(statement, ast.Expr) else None
    value = value.value if isinstance(value, ast.Await) else value
    return value if isinstance(value, ast.Call) else None


def steps(module: Module) -> Iterator[ast.stmt]:
    """Every step of something that cleans up."""
    for node in module.nodes:
        function = module.function_of(node)
        if not isinstance(node, ast.stmt) or function is None or function.name.startswith("__"):
            continue
        called = _call(node)
        if called is not None:
            name = ast.unparse(called.func)
            word = name.rpartition(".")[2]
            if _WRITES_ONLY.search(name) or (not _CLEANING.search(function.name) and word not in _CLEANING_CALL):
                continue
            yield node
        elif _CLEANING.search(function.name) and (isinstance(node, ast.Delete) or _empties(node)):
            yield node


def _empties(node: ast.stmt) -> bool:
    """``self.x = None``, ``agent.stopped = True``: a state that ends."""
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Attribute):
        return False
    return isinstance(node.value, ast.Constant) or ast.unparse(node.value) in {"{}", "[]", "set()"}


def skip(module: Module) -> Iterator[Place]:
    """The step is not done."""
    for node in steps(module):
        edit = Edit(module.start(node), module.end(node), "_mutant.differed()")
        yield Place(node, (edit,), (), f"not done: {_short(module, node)}")


def delay(module: Module) -> Iterator[Place]:
    """The step is done some seconds too late."""
    for node in steps(module):
        function, call = module.function_of(node), _call(node)
        if call is None or module.path.startswith("agents/inside"):
            continue
        seconds = RIGHTS_SECONDS if _RIGHTS.match(module.path) else SECONDS
        text, start, end = module.text(node), module.start(node), module.end(node)
        if isinstance(node.value, ast.Await) and isinstance(function, ast.AsyncFunctionDef):
            edit = Edit(start, start, f"await _mutant.slowly({seconds}); ")
        elif module.path.startswith(("gateway/", "registry/")) and not isinstance(node.value, ast.Await):
            edit = Edit(start, end, f"_mutant.later({seconds}, lambda: {text})")
        else:
            continue
        yield Place(node, (edit,), (), f"{seconds:g} s too late: {_short(module, node)}")


def miss_one(module: Module) -> Iterator[Place]:
    """Of several things the first, or the last, is passed over."""
    for node in module.nodes:
        function = module.function_of(node)
        if not isinstance(node, ast.For) or function is None or not _CLEANING.search(function.name):
            continue
        for part, which in (("[1:]", "first"), ("[:-1]", "last")):
            text = module.text(node.iter)
            edit = Edit(module.start(node.iter), module.end(node.iter), f"list({text}){part}")
            yield Place(node, (edit,), (node,), f"without the {which} of {text[:50]}")


def _short(module: Module, node: ast.stmt) -> str:
    return " ".join(module.text(node).split())[:70]


OPERATORS = (
    Operator("step-skipped", Harm.LEFT_BEHIND, skip),
    Operator("step-delayed", Harm.LEFT_BEHIND, delay),
    Operator("one-passed-over", Harm.LEFT_BEHIND, miss_one),
)
__all__ = ["OPERATORS", "Function", "steps"]
