"""No number decides in Python (law 4): limits stand in ``resources/promises.yaml`` with unit and source, scales in a profile.

Looked for in the judges: numbers as module constants, as defaults, in comparisons, and limits that are made on the spot;
in the scenarios: module constants that are a time, a share or a percentage. 0 and 1 are no limits, and neither is how many
observations a computation needs to be defined at all (2 for a slope or a variance, 3 for a median filter).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ISOLATION = Path(__file__).resolve().parents[3] / "libraries" / "isolation"
FEW = {2, 3}
IN_JUDGES = {
    "judge/leaks/memory_floor.py": "the estimator's own resolution and noise, chosen by simulation (table in memory_growth.py)",
    "judge/rules/facts.py": "how long a quoted value may be in a sentence",
    "judge/rules/verdicts.py": "how many names a sentence holds",
    "judge/rules/statistics.py": "the rule of three is a rule for 95 %; no table of pairs goes beyond 100,000",
    "judge/slowdown/block_pairs.py": "no clock tells shorter times: keeps the logarithm finite",
    "judge/slowdown/degradation_report.py": "words a report that decides nothing",
    "judge/traffic/routing.py": "close code 1000 of RFC 6455; the majority of an agent's events says whose it is",
    "judge/traffic/phase_times.py": "resolution of the histogram, and the percentiles that are only told",
}
"""Files of judges whose numbers decide nothing, and what the numbers are."""
IN_SCENARIOS = {
    "_AFTERWARDS_S": "watched longer, so that whole windows lie after the event",
    "_AT_REST_S": "watched longer, so that there is a before",
    "_BEFORE_S": "the sample before a step belongs to it",
    "_BURN_S": "work that is asked for",
    "_CALM_S": "watched longer, so that there is an after",
    "_CHANNEL_S": "listened to that long",
    "_CONNECT_S": "of 'check', which judges nothing",
    "_CONTROL_S": "work that is asked for; the window that decides is a limit",
    "_COUNT_EVERY_S": "how often is looked",
    "_EVERY_S": "how often is looked",
    "_GOES_ON_S": "so long a process that was told to restart is not asked",
    "_HEARD_S": "listened to that long",
    "_LEAK_S": "work that is asked for",
    "_STAYS_S": "after a longer pause the noisy are disturbed anew",
    "_LINGER_S": "of 'check', which judges nothing",
    "_LONGEST_S": "work that is ended before",
    "_LOOK_AGAIN_S": "how often is looked",
    "_MEMORY_S": "work that is asked for",
    "_PAUSE_S": "how often is looked",
    "_ROUND_S": "how often is worked",
    "_SAMPLE_EVERY_S": "how often is looked",
    "_SECOND_LOOK_S": "the limit is over already; shows how much more is left",
    "_SHORT_PATIENCE_S": "most answers never came already; the rest is not waited for in full",
    "_SILENCE_S": "silence between blocks: nothing is measured in it",
    "_SILENT_S": "silence between blocks: nothing is measured in it",
    "_SILENT_SHARE": "silence between blocks: nothing is measured in it",
    "_SILENT_WITHIN_S": "silence before a cut; whoever is not silent by then is cut all the same",
    "_TRAFFIC_S": "after so long the engine counts as dead",
    "_UNDER_WAY_S": "when in the middle of the work it is broken off",
    "_WATCH_EVERY_S": "how often is looked",
    "_WATCH_S": "watched that long",
    "WATCH_S": "the busiest second",
    "_WORK_S": "work that is asked for",
    "_WRITTEN_WITHIN_S": "waited before the search, so that more is found",
}
"""Times and shares in scenarios that pace an experiment or say how much is asked for; none of them decides."""


def number(node: ast.AST | None) -> float | None:
    """The value of a number, or of a calculation with numbers only."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.UnaryOp):
        return number(node.operand)
    if isinstance(node, ast.BinOp):
        left, right = number(node.left), number(node.right)
        return None if left is None or right is None else left * right or left + right
    if isinstance(node, (ast.Tuple, ast.List)):
        return next((found for one in node.elts if (found := number(one)) not in (None, 0, 1)), None)
    return None


def decides(node: ast.AST | None) -> bool:
    return number(node) not in (None, 0.0, 1.0)


def constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Constants of a module and of its classes, by name."""
    for body in (tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))):
        for node in body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                yield node.targets[0].id, node.value
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                yield node.target.id, node.value


def hidden_limits(source: str) -> list[str]:
    """The numbers in a piece of a judge that may decide something, each with its line."""
    tree = ast.parse(source)
    found = [f"{value.lineno}: {name}" for name, value in constants(tree) if decides(value)]
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            found += [f"{node.lineno}: default of {node.name}" for default in defaults if decides(default)]
        elif isinstance(node, ast.Compare):
            found += [f"{node.lineno}: {ast.unparse(node)}" for side in (node.left, *node.comparators) if _limits(side)]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Limit":
            found += [f"{node.lineno}: limit on the spot" for word in node.keywords if decides(word.value)]
    return found


def _limits(side: ast.expr) -> bool:
    """Whether a number stands in one side of a comparison: alone, or as a factor of something that was measured."""
    if isinstance(side, ast.BinOp) and number(side) is None:
        return any(number(part) not in (None, 0.0, 1.0, 100.0, 1000.0) for part in (side.left, side.right))
    return decides(side) and number(side) not in FEW


def judges() -> list[Path]:
    return [file for file in sorted((ISOLATION / "judge").rglob("*.py")) if "scan" not in file.parts]


def named(file: Path) -> str:
    return str(file.relative_to(ISOLATION))


@pytest.mark.parametrize("file", judges(), ids=named)
def test_no_judge_holds_a_number_that_decides(file: Path) -> None:
    found = hidden_limits(file.read_text(encoding="utf-8"))
    if named(file) in IN_JUDGES:
        assert found, "an excuse that is not needed any more"
    else:
        assert found == []


def test_times_and_shares_in_scenarios_only_pace_them() -> None:
    files = (ISOLATION / "scenarios").rglob("*.py")
    found = {
        name
        for file in files
        for name, value in constants(ast.parse(file.read_text(encoding="utf-8")))
        if name.endswith(("_S", "_SHARE", "_PERCENT", "_TOLERANCE")) and number(value) is not None
    }
    assert found == IN_SCENARIOS.keys()


@pytest.mark.parametrize(
    "source",
    [
        "MOST = 0.05",
        "_SLOW: Final = 2 * 60",
        "class Rule:\n    least: float = 30.0",
        "def judge(limit, window_s=5.0): ...",
        "def judge(*, confidence: float = 0.9): ...",
        "def judge(x):\n    return x > 7.5",
        "def judge(x, y):\n    return x > 2 * y",
        "def judge(x, y):\n    return x <= y + 2",
        "limit = Limit(value=50.0, unit='%')",
    ],
)
def test_a_hidden_limit_is_seen(source: str) -> None:
    assert hidden_limits(source)


@pytest.mark.parametrize("source", ["if len(x) < 2: ...", "ok = x > 0", "y = 100 * a / b", "ok = 100 * x > limit"])
def test_what_limits_nothing_is_left_alone(source: str) -> None:
    assert not hidden_limits(source)
