"""What is one user's, session's or agent's own becomes everybody's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mutants.mutant import Harm, Operator, Place
from mutants.source import Edit, Module

_OWN = {
    "user",
    "tenant",
    "session",
    "agent",
    "identity",
    "owner",
    "claims",
    "connection",
    "book",
    "process",
    "agent_id",
}
_EMPTY = re.compile(
    r"(\{\}|\[\]|(set|deque|dict|list|Counter|ReplayBuffer|defaultdict|asyncio\.Lock|asyncio\.Queue|asyncio\.Event)\(.*\))$"
)
_FACTORY = re.compile(r"default_factory=(\w+)")


def _is_of_one(node: ast.ClassDef) -> bool:
    """Whether there is one of a class for each user, session or agent."""
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            return bool(_OWN & {argument.arg for argument in each.args.args})
    fields = {
        each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    return bool(fields & (_OWN | {"sessions", "agents", "name"}))


def share(module: Module) -> Iterator[Place]:
    """All users, sessions or agents have the same one."""
    for node in module.nodes:
        owner = module.class_of(node)
        if owner is None or not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
            continue
        if not (_is_of_one(owner) or owner.name in {"ReplayBuffer", "Rate", "DatabaseTurns"}):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        name, text = ast.unparse(target), module.text(node.value)
        what = f"{owner.name}.{name.removeprefix('self.')}"
        if isinstance(target, ast.Attribute) and _EMPTY.fullmatch(text):
            edit = Edit(module.start(node.value), module.end(node.value), f'_mutant.shared("{what}", {text})')
            yield Place(node, (edit,), (), f"all have the same {what}")
        elif isinstance(target, ast.Name) and (found := _FACTORY.search(text)):
            instead = text.replace(found[0], f'default_factory=lambda: _mutant.shared("{what}", {found[1]}())')
            edit = Edit(module.start(node.value), module.end(node.value), instead)
            yield Place(node, (edit,), (), f"all have the same {what}")


OPERATORS = (Operator("share-per-user", Harm.IDENTITY, share),)
