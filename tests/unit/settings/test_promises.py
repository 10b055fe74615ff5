"""The catalogue: every promise of the contract is in it, and a wrong entry is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from isolation.record import Comparison
from isolation.settings.catalogue import Catalogue
from isolation.settings.controls import load_frameworks
from isolation.settings.errors import SettingsError

FILE = Path(__file__).resolve().parents[3] / "resources" / "promises.yaml"
CONTRACT = {"RI": 7, "CS": 6, "AR": 21, "TM": 3, "OP": 14}
IDS = [f"{group}-{number}" for group, last in CONTRACT.items() for number in range(1, last + 1)]
LIMIT = {"comparison": "<", "value": 1, "unit": "s", "source": "here"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(FILE)


def load(tmp_path: Path, content: object, **more: object) -> Catalogue:
    file = tmp_path / "promises.yaml"
    file.write_text(yaml.safe_dump({"promises": content, **more}))
    return Catalogue.load(file)


def promise(**changes: Any) -> dict[str, Any]:
    return {"id": "RI-1", "title": "a", "statement": "b", "limits": {"time": LIMIT}, **changes}


@pytest.mark.parametrize("promise_id", IDS)
def test_every_promise_of_the_contract_is_in_the_catalogue(catalogue: Catalogue, promise_id: str) -> None:
    assert promise_id in catalogue
    assert catalogue[promise_id].statement.endswith(".")


def test_no_promise_is_in_the_catalogue_that_the_contract_does_not_know(catalogue: Catalogue) -> None:
    assert {entry.id for entry in catalogue.promises} == set(IDS)


def test_every_promise_of_a_run_says_how_it_is_measured_what_its_headline_is_and_what_it_is_evidence_for(
    catalogue: Catalogue,
) -> None:
    frameworks = load_frameworks(FILE.with_name("controls.yaml"))
    known = {control for framework in frameworks for control in framework.controls}
    for entry in catalogue.of_a_run:
        assert entry.method.endswith("."), entry.id
        assert entry.headline is not None, entry.id
        assert entry.controls, entry.id
    named = {control for entry in catalogue.promises for control in entry.controls}
    assert named - known == set(), "looked up nowhere"
    assert known - named == set(), "no promise is evidence for it"


@pytest.mark.parametrize(
    ("comparison", "value", "weaker"),
    [("<", 2, True), ("<", 0.5, False), (">=", 0.5, True), (">=", 2, False), ("==", 2, True), ("<", 1, False)],
)
def test_a_limit_of_a_sentence_knows_whether_it_is_weaker_than_the_contract(
    tmp_path: Path, comparison: str, value: float, weaker: bool
) -> None:
    held = load(tmp_path, [promise(limits={"time": {**LIMIT, "comparison": comparison}})])["RI-1"].limit("time", value)
    assert held.weaker is weaker
    assert held.contract == (None if value == 1 else 1)


def test_a_control_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "controls.yaml"
    one = {"framework": "A", "title": "A", "edition": "1", "address": "https://a.example", "controls": {"X-1": "x"}}
    file.write_text(yaml.safe_dump([one, {**one, "framework": "B"}]))
    with pytest.raises(SettingsError, match="'X-1' stands in two frameworks"):
        load_frameworks(file)


def test_a_promise_that_no_run_decides_names_files_that_are_there(catalogue: Catalogue) -> None:
    of_the_suite = {f"OP-{number}" for number in (2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14)}
    assert {promise.id for promise in catalogue.of_the_suite} == of_the_suite
    for promise in catalogue.of_the_suite:
        for file in re.findall(r"[\w/]+\.py", promise.shown_by):
            assert (FILE.parents[1] / file).is_file(), file


@pytest.mark.parametrize(
    ("promise_id", "name", "comparison", "value", "unit"),
    [
        ("RI-1", "idle cpu", "<", 5, "% of one core"),
        ("RI-1", "load memory", "<", 512, "MB"),
        ("RI-2", "overshoot", "<=", 1.05, "x quota"),
        ("RI-3", "leak named", "<=", 60, "s"),
        ("RI-3", "runaway stopped", "<=", 30, "s"),
        ("RI-4", "slowdown", "<", 1.10, "x quiet mean"),
        ("RI-5", "identified", "<=", 30, "s"),
        ("RI-5", "mitigated", "<=", 60, "s"),
        ("RI-5", "recovered", "<=", 120, "s"),
    ],
)
def test_the_limits_are_those_of_the_contract(
    catalogue: Catalogue, promise_id: str, name: str, comparison: str, value: float, unit: str
) -> None:
    limit = catalogue[promise_id].limit(name)
    assert (limit.comparison, limit.value, limit.unit) == (Comparison(comparison), value, unit)
    assert limit.source


def test_a_scenario_may_state_its_own_value_and_the_source_says_so(catalogue: Catalogue) -> None:
    own = catalogue["RI-5"].limit("identified", 20)
    assert (own.value, own.unit, own.source) == (20, "s", "the scenario")
    assert catalogue["RI-5"].limit("identified", 30).source == catalogue["RI-5"].limit("identified").source


def test_unknown_promises_and_limits_are_refused(catalogue: Catalogue) -> None:
    with pytest.raises(SettingsError, match="no promise 'RI-99'"):
        catalogue["RI-99"]
    with pytest.raises(SettingsError, match="RI-5 has no limit 'identfied'; it has .*identified"):
        catalogue["RI-5"].limit("identfied")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "XX-1"}, ["promises.0.id", "XX-1"]),
        ({"statement": ""}, ["promises.0.statement"]),
        ({"limits": {"time": {**LIMIT, "unit": ""}}}, ["promises.0.limits.time.unit"]),
        (
            {"limits": {"time": {k: v for k, v in LIMIT.items() if k != "unit"}}},
            ["promises.0.limits.time.unit", "is missing"],
        ),
        (
            {"limits": {"time": {k: v for k, v in LIMIT.items() if k != "source"}}},
            ["promises.0.limits.time.source", "is missing"],
        ),
        ({"limits": {"time": {**LIMIT, "value": "1 s"}}}, ["promises.0.limits.time.value", "1 s"]),
        ({"limits": {"time": {**LIMIT, "value": True}}}, ["promises.0.limits.time.value", "True"]),
        ({"limits": {"time": {**LIMIT, "value": float("nan")}}}, ["promises.0.limits.time.value", "finite"]),
        ({"limits": {"time": {**LIMIT, "comparison": "~"}}}, ["promises.0.limits.time.comparison", "'~'", "'<='"]),
        (
            {"limits": {"time": {**LIMIT, "colour": "red"}}},
            ["promises.0.limits.time.colour", "not a known setting", "comparison, value"],
        ),
        ({"colour": "red"}, ["promises.0.colour", "not a known setting", "statement"]),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(tmp_path: Path, changes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, [promise(**changes)])
    assert "\n" not in str(caught.value)
    for word in ["promises.yaml", *words]:
        assert word in str(caught.value)


def test_a_promise_has_the_limits_of_every_promise_and_of_its_rules_and_its_own_go_before(tmp_path: Path) -> None:
    rules = {"every": {"a": LIMIT}, "shared": {"b": LIMIT, "c": LIMIT}, "foreign": {"d": LIMIT}}
    own = promise(rules=["shared"], limits={"c": {**LIMIT, "value": 2}})
    found = load(tmp_path, [own], rules=rules)["RI-1"]
    assert {name: limit.value for name, limit in found.limits.items()} == {"a": 1, "b": 1, "c": 2}
    with pytest.raises(SettingsError, match="RI-1 names no rule 'shard'; there are every, foreign, shared"):
        load(tmp_path, [promise(rules=["shard"])], rules=rules)


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="an id twice"):
        load(tmp_path, [promise(), promise()])


def test_a_catalogue_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yaml: there is no such file"):
        Catalogue.load(tmp_path / "none.yaml")
