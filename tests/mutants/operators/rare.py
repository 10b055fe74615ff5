"""One in n is lost, comes twice, comes late, or is another one's."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutants.mutant import Harm, Operator, Place
from mutants.source import Edit, Module, is_identity, last_word

N = 40
_VERBS = {"send", "write", "write_text", "put", "append", "publish", "deliver", "notify", "submit", "execute", "reply"}
_VERBS |= {"add", "send_replayed", "put_nowait", "set_result", "complete", "save_agent", "save_user", "save_session"}
_VERBS |= {"put_document", "set", "agent_saved", "session_opened", "user_seen", "feed", "forward", "drain", "go"}
_WHERE = (
    "gateway/execution",
    "gateway/endpoint",
    "gateway/operations",
    "gateway/bookkeeping/bookkeeper",
    "gateway/sessions",
)
_WHERE += (
    "registry/",
    "state/",
    "agents/link",
    "agents/process",
    "agents/factory",
    "transport/",
    "agents/inside/work",
    "agents/inside/ch",
)


def _acts(module: Module) -> Iterator[ast.Expr]:
    for node in module.nodes:
        if not isinstance(node, ast.Expr) or not module.path.startswith(_WHERE) or module.function_of(node) is None:
            continue
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(value, ast.Call):
            name = ast.unparse(value.func)
            if last_word(value.func) in _VERBS and not any(word in name for word in ("audit", "log.", "_log", "file.")):
                yield node


def lose(module: Module) -> Iterator[Place]:
    """It is not done."""
    for node in _acts(module):
        text = module.text(node)
        instead = f"if not _mutant.nth({N}): {text}"
        yield Place(
            node, (Edit(module.start(node), module.end(node), instead),), (), f"1 in {N} is lost: {_short(text)}"
        )


def duplicate(module: Module) -> Iterator[Place]:
    """It is done twice."""
    for node in _acts(module):
        text = module.text(node)
        instead = f"if _mutant.nth({N}): {text}\n{' ' * node.col_offset}{text}"
        yield Place(
            node, (Edit(module.start(node), module.end(node), instead),), (), f"1 in {N} comes twice: {_short(text)}"
        )


def swap(module: Module) -> Iterator[Place]:
    """It is done for who came before."""
    for node in module.nodes:
        if not isinstance(node, ast.Call) or not module.path.startswith(_WHERE) or module.function_of(node) is None:
            continue
        if module.in_raise(node) or ast.unparse(node.func) in {"super", "str", "len", "id", "isinstance", "checked_id"}:
            continue
        for argument in node.args:
            if is_identity(argument):
                text = module.text(argument)
                edit = Edit(module.start(argument), module.end(argument), f"_mutant.previous({text}, {N})")
                says = f"1 in {N} has the {text} of the one before: {_short(module.text(node))}"
                yield Place(argument, (edit,), (), says)


def _short(text: str) -> str:
    return " ".join(text.split())[:60]


OPERATORS = (
    Operator("one-lost", Harm.DELIVERY, lose),
    Operator("one-twice", Harm.DELIVERY, duplicate),
    Operator("one-swapped", Harm.IDENTITY, swap),
)
