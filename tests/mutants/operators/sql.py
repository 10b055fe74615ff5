"""Statements, policies, grants and rights in the stores."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from mutants.mutant import Harm, Operator, Place
from mutants.source import Edit, Module

_SQL = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|GRANT|REVOKE|DROP|USING|WHERE|SET LOCAL|CONNECTION LIMIT)\b"
)
_CONDITION = re.compile(
    r"\b(user_id|tenant_role|thread|key|agent_id|session_id|lease_id|rolname|usename)\s*=\s*(\$\d+|\{text\})"
)
#: Whoever leaves out a policy leaves out the check of the policies at the start as well.
_NO_CHECK = (("state/relational/database.py", b"await check_schema(guard)", b"pass"),)
_Rule = tuple[str, str]


def _texts(module: Module) -> Iterator[ast.expr]:
    """Every text that holds a statement of SQL."""
    inside = set()
    for node in module.nodes:
        if isinstance(node, ast.JoinedStr):
            inside.update(id(each) for each in ast.walk(node) if each is not node)
        is_text = isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        if not is_text or id(node) in inside or module.is_docstring(node) or module.in_raise(node):
            continue
        if module.path.startswith("state/") and _SQL.search(module.text(node)):
            yield node


def _marks(module: Module, node: ast.expr) -> tuple[ast.stmt, ...]:
    """Where a text is used: where it stands, or for one of the module wherever its name is."""
    if module.function_of(node) is not None:
        return (module.statement_of(node),)
    statement = module.statement_of(node)
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    marks: list[ast.stmt] = []
    names = [each.id for each in targets if isinstance(each, ast.Name)]
    while names and not marks:
        name = names.pop()
        marks = module.users_of_name(name)
        if not marks:
            for other in module.tree.body:
                if isinstance(other, ast.Assign) and re.search(rf"\b{name}\b", module.text(other.value)):
                    names += [each.id for each in other.targets if isinstance(each, ast.Name)]
    return tuple(marks)


def _replacing(*rules: _Rule, unchecked: bool = False) -> Callable[[Module], Iterator[Place]]:
    def find(module: Module) -> Iterator[Place]:
        for node in _texts(module):
            text = module.text(node)
            for pattern, instead in rules:
                for match in re.finditer(pattern, text):
                    after = match.expand(instead)
                    start = module.start(node) + len(text[: match.start()].encode())
                    edit = Edit(start, start + len(match[0].encode()), after)
                    marks = _marks(module, node)
                    if marks:
                        says = f"{' '.join(match[0].split())!r} becomes {' '.join(after.split())!r} in {text[:30]!r}"
                        yield Place(node, (edit,), marks, says, _NO_CHECK if unchecked else ())

    return find


def lists_of_rights(module: Module) -> Iterator[Place]:
    """A list of what is forbidden, checked or removed lacks one element."""
    for statement in module.tree.body:
        value = getattr(statement, "value", None)
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or value is None:
            continue
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        literal = value.args[0] if isinstance(value, ast.Call) and value.args else value
        name = getattr(target, "id", "")
        if not isinstance(literal, (ast.List, ast.Set, ast.Tuple)) or not re.search(
            r"TELLTALES|_RIGHTS|REFUSED|CHECKS", name
        ):
            continue
        for element in literal.elts:
            text = module.text(element)
            if text.startswith('"+') or ((marks := tuple(module.users_of_name(name))) == () and name != "CHECKS"):
                continue
            comma = module.source.find(b",", module.end(element))
            closing = module.source.find(b"}" if isinstance(literal, ast.Set) else b"]", module.end(element))
            end = comma + 1 if 0 <= comma < closing else module.end(element)
            yield Place(element, (Edit(module.start(element), end, ""),), marks, f"{name} lacks {text}")


OPERATORS = (
    Operator("sql-condition-dropped", Harm.IDENTITY, _replacing((_CONDITION.pattern, r"(\1 = \2 OR true)"))),
    Operator("sql-compare-folded", Harm.IDENTITY, _replacing((_CONDITION.pattern, r"lower(\1) = lower(\2)"))),
    Operator(
        "sql-compare-by-prefix", Harm.IDENTITY, _replacing((_CONDITION.pattern, r"starts_with(\1::text, left(\2, 16))"))
    ),
    Operator(
        "sql-policy-opened",
        Harm.IDENTITY,
        _replacing(
            (r"USING \(tenant_role = current_user\)", "USING (true)"),
            (r"WITH CHECK \(tenant_role = current_user\)", "WITH CHECK (true)"),
            (r"user_id = current_setting\('app.user', true\)", "true"),
            (r"FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"),
            (r"AS RESTRICTIVE", "AS PERMISSIVE"),
            unchecked=True,
        ),
    ),
    Operator(
        "sql-right-widened",
        Harm.RIGHT,
        _replacing(
            (r"\bNOSUPERUSER\b", "SUPERUSER"),
            (r"\bNOBYPASSRLS\b", "BYPASSRLS"),
            (r"\bNOCREATEDB\b", "CREATEDB"),
            (r"\bNOCREATEROLE\b", "CREATEROLE"),
            (r"\bNOLOGIN\b", "LOGIN"),
            (r"INHERIT FALSE", "INHERIT TRUE"),
            (r"SET FALSE", "SET TRUE"),
            (r"REVOKE ALL ON SCHEMA public FROM PUBLIC;", ""),
            (r"EXECUTE format\('REVOKE[^;]*;", "NULL;"),
            (r"proname ~ '\^pg_\(try_\)[^']*'", "false"),
            (r"OR proname ~ '\^lo_[^']*'", ""),
            (r"OR proname ~ '\^pg_stat[^']*'", ""),
            (r"OR proname IN \('pg_notify', 'pg_lock_status'\)", ""),
            (r"(GRANT [^;]*) TO \{TENANTS_ROLE\}", r"\1 TO PUBLIC"),
            (r"GRANT USAGE ON SCHEMA", "GRANT ALL ON SCHEMA"),
            (r"GRANT SELECT ON", "GRANT SELECT, UPDATE, DELETE ON"),
            (r"CONNECTION LIMIT \{connection_limit:d\}", "CONNECTION LIMIT -1"),
            unchecked=True,
        ),
    ),
    Operator(
        "sql-left-behind",
        Harm.LEFT_BEHIND,
        _replacing(
            (r"(DELETE FROM [^;\"]*?) WHERE ", r"\1 WHERE false AND "),
            (r"DROP OWNED BY [^;\"]*;", ""),
            (r"; DROP ROLE \{name\}", ""),
            (r"DROP SCHEMA [^;\"]*;", ""),
            (r"; DROP ROLE \{roles\}", ""),
            (r"SET ended_at = now\(\)", "SET ended_at = ended_at"),
            (r"SELECT pg_terminate_backend\([^)]*\)", "SELECT true, $2"),
        ),
    ),
    Operator(
        "sql-other-order",
        Harm.DELIVERY,
        _replacing((r"\bDESC\b", "ASC"), (r"(ORDER BY (?:number|key|created_at))(?! DESC)", r"\1 DESC")),
    ),
    Operator("right-not-taken", Harm.RIGHT, lists_of_rights),
)
