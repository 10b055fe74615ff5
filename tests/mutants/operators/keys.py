"""Keys and comparisons that say whose something is: a part is lost, or looked at too lightly."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from mutants.mutant import Harm, Operator, Place, choice
from mutants.source import IDENTITY, Edit, Module, is_identity, last_word

_KEYED = {"get", "pop", "setdefault"}


def _identity_in(expression: str) -> str | None:
    words = [word for word in re.findall(r"\w+", expression) if word.lstrip("_") in IDENTITY]
    return words[-1] if words else None


def drop_from_text(module: Module) -> Iterator[Place]:
    """A name, key, path or topic that is put together without one of its parts."""
    for node in module.nodes:
        if not isinstance(node, ast.JoinedStr) or module.in_raise(node) or module.function_of(node) is None:
            continue
        text = module.text(node)
        for value in node.values:
            if not isinstance(value, ast.FormattedValue):
                continue
            expression = ast.unparse(value.value)
            at = text.find("{" + expression)
            if at < 0 or _identity_in(expression) is None:
                continue
            end = text.find("}", at) + 1
            start = module.start(node) + len(text[:at].encode())
            edit = Edit(start, start + len(text[at:end].encode()), "")
            yield Place(node, (edit,), (module.statement_of(node),), f"{{{expression}}} is left out of {text[:60]}")


def drop_from_tuple(module: Module) -> Iterator[Place]:
    """A key of several parts, one of which counts no more: at all places of a module."""
    tuples = [
        node
        for node in module.nodes
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and not module.in_annotation(node)
        if 2 <= len(node.elts) <= 4 and sum(is_identity(each) or last_word(each) == "name" for each in node.elts) >= 1
        if not any(isinstance(each, ast.Starred) for each in node.elts)
    ]
    for position in range(4):
        same = [node for node in tuples if len(node.elts) > position and module.function_of(node)]
        for kind in sorted({module.path}):
            edits = [Edit(module.start(n.elts[position]), module.end(n.elts[position]), '"*"') for n in same]
            if edits and kind.startswith("authentication"):
                marks = tuple(dict.fromkeys(module.statement_of(node) for node in same))
                yield Place(same[0], tuple(edits), marks, f"part {position + 1} of the key counts no more")


def _compared(module: Module, ops: tuple[type[ast.cmpop], ...]) -> Iterator[tuple[ast.Compare, str, str]]:
    for node in module.nodes:
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ops):
            sides = (node.left, node.comparators[0])
            none = any(isinstance(side, ast.Constant) and side.value is None for side in sides)
            if not none and any(is_identity(side) for side in sides) and module.function_of(node):
                yield node, module.text(node.left), module.text(node.comparators[0])


def _comparison(how: Callable[[str, str], str], says: str) -> Callable[[Module], Iterator[Place]]:
    def find(module: Module) -> Iterator[Place]:
        for node, left, right in _compared(module, (ast.Eq, ast.NotEq)):
            negated = "not " if isinstance(node.ops[0], ast.NotEq) else ""
            yield _place(module, node, f"{negated}({how(left, right)})", f"{module.text(node)} {says}")

    return find


def _place(module: Module, node: ast.expr, instead: str, says: str) -> Place:
    return Place(node, (choice(module, node, instead),), (module.statement_of(node),), says)


def always_true(module: Module) -> Iterator[Place]:
    """Whatever is compared with whose it is, is taken for the same."""
    ops = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
    for node, _, _ in _compared(module, ops):
        instead = "False" if isinstance(node.ops[0], (ast.NotEq, ast.IsNot, ast.NotIn)) else "True"
        yield _place(module, node, instead, f"{module.text(node)} is always {instead}")


def drop_condition(module: Module) -> Iterator[Place]:
    """One of several conditions is not looked at, where whose something is matters."""
    for node in module.nodes:
        if not isinstance(node, ast.BoolOp) or module.function_of(node) is None:
            continue
        if any(isinstance(each, ast.Assert) for each in module.ancestors(node)):
            continue  # says something to the type checker only
        for value in node.values:
            if not any(isinstance(each, ast.expr) and is_identity(each) for each in ast.walk(value)):
                continue
            instead = "True" if isinstance(node.op, ast.And) else "False"
            yield _place(module, value, instead, f"{module.text(value)[:60]} is not looked at")


def _dictionaries(module: Module) -> Iterator[tuple[ast.AnnAssign, str]]:
    """Private dictionaries by text: ``self._x: dict[str, ...]``."""
    for node in module.nodes:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Attribute)
            and node.target.attr.startswith("_")
            and re.match(r"dict\[(str|User|Session|Tenant),", ast.unparse(node.annotation))
        ):
            yield node, node.target.attr


def _keys_of(module: Module, name: str) -> Iterator[ast.expr]:
    for node in module.nodes:
        if isinstance(node, ast.Subscript) and last_word(node.value) == name:
            yield node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _KEYED:
            if last_word(node.func.value) == name and node.args:
                yield node.args[0]
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            keys = [node.left] if last_word(node.comparators[0]) == name else []
            yield from keys


def _keyed(how: str, says: str) -> Callable[[Module], Iterator[Place]]:
    def find(module: Module) -> Iterator[Place]:
        for node, name in _dictionaries(module):
            by_text = ast.unparse(node.annotation).startswith("dict[str")
            keys = [key for key in _keys_of(module, name) if module.function_of(key)]
            if any(isinstance(key, ast.Constant) for key in keys):
                continue  # the names of fields, not of things
            if not keys or (not by_text and "{}" in how):
                continue
            edits = [
                Edit(module.start(key), module.end(key), how.format(f"str({module.text(key)})") if by_text else how)
                for key in keys
            ]
            marks = tuple(dict.fromkeys(module.statement_of(key) for key in keys))
            yield Place(node, tuple(edits), marks, f"the keys of {name} {says}")

    return find


OPERATORS = (
    Operator("drop-from-key", Harm.IDENTITY, drop_from_text),
    Operator("drop-from-pair", Harm.IDENTITY, drop_from_tuple),
    Operator(
        "compare-by-prefix",
        Harm.IDENTITY,
        _comparison(lambda a, b: f"str({a}).startswith(str({b})) or str({b}).startswith(str({a}))", "by prefix"),
    ),
    Operator(
        "compare-folded",
        Harm.IDENTITY,
        _comparison(lambda a, b: f"str({a}).casefold() == str({b}).casefold()", "without case"),
    ),
    Operator("compare-always-true", Harm.IDENTITY, always_true),
    Operator("drop-condition", Harm.IDENTITY, drop_condition),
    Operator("key-folded", Harm.IDENTITY, _keyed("{}.casefold()", "do not tell case apart")),
    Operator("key-shortened", Harm.IDENTITY, _keyed("{}[:12]", "are shortened to 12 characters")),
    Operator(
        "key-without-separators",
        Harm.IDENTITY,
        _keyed("{}.replace('-', '').replace('_', '').replace('.', '')", "know no separators"),
    ),
    Operator("key-is-one", Harm.IDENTITY, _keyed('"*"', "are all the same")),
)
