"""The generator of mutants: places found, texts that compile, copies that are private, outcomes told apart."""

import subprocess
import sys
from collections import Counter

import pytest

from mutants.mutant import Harm, Operator, generate
from mutants.operators import OPERATORS, cleanup, keys, limits, sql
from mutants.private_copy import private_copy
from mutants.results import equivalents, table
from mutants.run import chosen
from mutants.source import ROOT, Module
from mutants.trial import Outcome, judged, suites_of

KEPT = b'''"""Text."""

from __future__ import annotations

LIMIT = 10


class Keeper:
    def __init__(self, user) -> None:
        self._held: dict[str, int] = {}

    def key(self, tenant, user):
        return f"t:{tenant}:{user}"

    def mine(self, user, other):
        return user == other

    def forget(self, name):
        self._held.pop(name, None)

    def check(self, number):
        if number > LIMIT:
            raise ValueError(f"{number} of {self.user}")
'''


@pytest.fixture(scope="module")
def mutants():
    return list(generate(OPERATORS))


def texts(find, harm=Harm.IDENTITY):
    module = Module("state/keeper.py", KEPT)
    return [m.text().decode() for m in generate([Operator("rule", harm, find)], {"state/keeper.py": module})]


def test_each_part_of_a_key_is_left_out_once_but_no_text_of_an_error():
    found = texts(keys.drop_from_text)
    assert len(found) == 2
    assert 'return f"t::{user}"' in found[0] and 'return f"t:{tenant}:"' in found[1]


def test_a_comparison_tells_whether_the_other_answer_was_another_one():
    (found,) = texts(keys.always_true)
    assert "return _mutant.choose(lambda: (user == other), lambda: (True))" in found


def test_a_step_that_is_left_out_is_noted():
    (found,) = texts(cleanup.skip)
    assert "self._held.pop" not in found and "        _mutant.differed()" in found


def test_a_limit_holds_for_the_first_only():
    (found,) = texts(limits.first_only)
    assert "if (number > LIMIT) and _mutant.first(1):" in found


def test_the_import_follows_what_has_to_come_first():
    found = texts(limits.widen_constant)[0]
    lines = found.splitlines()
    assert lines.index("from __future__ import annotations") < lines.index(
        "from reference_platform import mutant_effects as _mutant"
    )
    assert "LIMIT = _mutant.wider(10)" in found


def test_a_statement_of_the_module_is_marked_where_it_is_used():
    source = b"""_READ = "SELECT entry FROM history WHERE user_id = $1"


async def read(connection, user):
    return await connection.fetch(_READ, user)
"""
    module = Module("state/history.py", source)
    operator = next(each for each in sql.OPERATORS if each.name == "sql-condition-dropped")
    (mutant,) = generate([operator], {"state/history.py": module})
    assert b"(user_id = $1 OR true)" in mutant.text()
    assert b"    _mutant.acted()\n    return await" in mutant.text()


def test_every_rule_finds_places_and_there_are_more_than_300(mutants):
    numbers = Counter(mutant.operator.name for mutant in mutants)
    assert set(numbers) == {operator.name for operator in OPERATORS}
    assert len(mutants) >= 300


def test_names_are_different_and_stay_the_same(mutants):
    names = [mutant.name for mutant in mutants]
    assert len(set(names)) == len(names)
    assert names == [mutant.name for mutant in generate(OPERATORS)]


def test_every_mutant_differs_from_the_source_and_has_suites(mutants):
    for mutant in mutants:
        assert mutant.text() != mutant.module.source
        assert all((ROOT / suite).is_file() for suite in suites_of(mutant)), mutant.name


def test_the_copy_is_private_and_goes_away(mutants):
    mutant = next(each for each in mutants if each.operator.name == "sql-policy-opened")
    with private_copy(mutant) as copy:
        file = copy.root / "libraries/reference_platform" / mutant.module.path
        assert file.read_bytes() == mutant.text()
        assert b"await check_schema(guard)" not in (file.parent / "database.py").read_bytes()
        assert not copy.acted
        code = "from reference_platform import mutant_effects as m; m.acted(); print(m.__file__)"
        said = subprocess.run(
            [sys.executable, "-c", code], cwd=copy.root / "libraries", capture_output=True, text=True, check=True
        )
        assert str(copy.root) in said.stdout
        assert copy.acted and not copy.differed
    assert not copy.root.exists()
    assert (ROOT / "libraries/reference_platform" / mutant.module.path).read_bytes() == mutant.module.source
    assert not (ROOT / "libraries/reference_platform/mutant_effects.py").exists()


def test_a_sample_is_spread_over_the_rules_and_repeats_with_its_seed(mutants):
    sample = chosen(mutants, len(OPERATORS), "abc")
    assert {mutant.operator.name for mutant in sample} == {operator.name for operator in OPERATORS}
    assert sample == chosen(mutants, len(OPERATORS), "abc")
    assert sample != chosen(mutants, len(OPERATORS), "abd")


def evidence(status="PASS", verdict="PASS", reason="", not_examined="", message=""):
    case = {"status": status, "not_examined": not_examined, "not_applicable": "", "message": message}
    case["measurements"] = [{"promise": "AR-1", "verdict": verdict, "reason": reason}]
    return {"cases": [case], "diagnosis": "", "overall": {}}


@pytest.mark.parametrize(
    ("seen", "acted", "outcome"),
    [
        (evidence(), True, Outcome.SURVIVED),
        (
            evidence("FAIL", "FAIL", "1 of 9 forbidden requests got through: state_get of 'tenant-02'"),
            True,
            Outcome.RIGHT,
        ),
        (evidence("FAIL", "FAIL", "0 of 9 requests were answered"), True, Outcome.WRONG_WORDS),
        (evidence("SKIP", "INCONCLUSIVE", message="INCONCLUSIVE: too few"), True, Outcome.INCONCLUSIVE),
        (evidence("FAIL", "PASS", not_examined="died", message="it went away"), True, Outcome.INCONCLUSIVE),
        (evidence("FAIL", "PASS", not_examined="no", message="The platform was not ready"), False, Outcome.NOT_STARTED),
    ],
)
def test_only_a_measured_failure_that_names_somebody_counts_as_found(seen, acted, outcome):
    assert judged(Harm.IDENTITY, seen, acted)[0] is outcome


def test_the_table_counts_only_what_made_a_difference():
    def trial(name, outcome, differed=True):
        return {"mutant": name, "operator": "rule", "outcome": outcome, "differed": differed, "promises": ["AR-1"]}

    trials = [trial("a", Outcome.RIGHT), trial("b", Outcome.SURVIVED), trial("c", Outcome.SURVIVED, differed=False)]
    said = table({each["mutant"]: each for each in trials}, generated=9)
    assert "| rule | 2 | 1 | 0 | 0 | 1 |" in said and "1 reached without another result" in said


def test_what_is_marked_as_equivalent_exists_and_has_a_reason(mutants):
    names = {mutant.name for mutant in mutants}
    for name, reason in (equivalents() | equivalents("missing")).items():
        assert name in names, f"{name} is not generated any more"
        assert len(reason) > 20
