"""Every keyword of every library records one experiment or makes one claim, with a judge and limits that are there."""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from robot.libraries.BuiltIn import BuiltIn

from isolation.judge.rules.verdicts import judged
from isolation.record import Measurement
from isolation.record.limits import Limits
from isolation.settings.catalogue import Catalogue
from isolation.target.needs import Needs
from robot_support.collector import COLLECTOR, EvidenceCollector
from robot_support.collector import TestInProgress as Running
from robot_support.experiment import ExperimentLibrary, Outcome
from robot_support.failures import CouldNotBeExamined, PromiseBroken
from unit.judge.judge_histories import at_most

ROOT = Path(__file__).resolve().parents[3]
LIMITS = {name for one in Catalogue.load(ROOT / "resources" / "promises.yaml").promises for name in one.limits}
LIBRARIES = [
    getattr(importlib.import_module(file.stem), file.stem)
    for file in sorted((ROOT / "libraries").glob("*Library.py"))
    if file.stem != "ReportLibrary"  # opens and closes the run
]
KEYWORDS = [
    (library, name)
    for library in LIBRARIES
    for name, method in inspect.getmembers(library, inspect.isfunction)
    if hasattr(method, "robot_name")
]


class Calls:
    """Stands in for the base class's two verbs."""

    def __init__(self) -> None:
        self.experiments: list[tuple[Callable[..., Any], Needs, dict[str, object]]] = []
        self.claims: list[tuple[Callable[..., Any], Mapping[str, float], dict[str, object]]] = []

    def experiment(self, scenario: Callable[..., Any], needs: Needs, **options: object) -> None:
        self.experiments.append((scenario, needs, options))

    def claim(self, judge: Callable[..., Any], stated: Mapping[str, float] | None = None, **subject: object) -> None:
        for own in ("needs", "figure"):
            subject.pop(own, None)
        self.claims.append((judge, stated or {}, subject))


def sample(kind: Any) -> Any:
    """An argument as Robot would hand it over."""
    if typing.get_origin(kind) is typing.Literal:
        return typing.get_args(kind)[0]
    if kind is str:
        return "agents"
    return kind(1)


@pytest.mark.parametrize(("library", "name"), KEYWORDS, ids=[f"{lib.__name__}.{name}" for lib, name in KEYWORDS])
def test_a_keyword_is_one_experiment_or_one_claim_that_can_be_made(
    library: type[ExperimentLibrary], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, made = Calls(), library()
    monkeypatch.setattr(made, "experiment", calls.experiment)
    monkeypatch.setattr(made, "claim", calls.claim)
    monkeypatch.setattr(BuiltIn, "get_variable_value", lambda self, name, default=None: default)
    method = getattr(made, name)
    hints = typing.get_type_hints(method)
    getattr(made, name)(*(sample(hints[one]) for one in inspect.signature(method).parameters))
    assert len(calls.experiments) + len(calls.claims) == 1
    for scenario, needs, options in calls.experiments:
        inspect.signature(scenario).bind(object(), **options)
        assert isinstance(needs, Needs)
    for judge, stated, subject in calls.claims:
        inspect.signature(judge).bind("RI-1", object(), Limits(), **subject)
        assert judge.__module__.startswith("isolation.judge."), "so that it can be judged again"
        assert set(stated) <= LIMITS


def test_there_are_keywords_to_look_at() -> None:
    assert len(KEYWORDS) > 100


@pytest.fixture
def test_in_progress(monkeypatch: pytest.MonkeyPatch) -> Running:
    test = Running("a claim", ("TM-3",))
    monkeypatch.setattr(COLLECTOR, "test", test)
    monkeypatch.setattr(EvidenceCollector, "_write", lambda self, measurements, charts: None)
    return test


def recorded(**outcome: Any) -> ExperimentLibrary:
    library = ExperimentLibrary()
    library._outcome = Outcome(**outcome)
    monkey: Any = library
    monkey._not_offered = lambda needs: outcome.get("not_applicable", "")
    return library


def judge_number(promise: str, record: float, limits: Limits) -> list[Measurement]:
    return [judged(promise, "number", record, at_most(1.0), 1, "It was so")]


def test_a_measured_failure_breaks_the_promise_and_can_be_judged_again(test_in_progress: Running) -> None:
    with pytest.raises(PromiseBroken, match="It was so; the limit is 1 s"):
        recorded(record=2.0, file="records/x.gz").claim(judge_number)
    (claim,) = test_in_progress.claims
    assert (claim.promise, claim.record, claim.verdicts) == ("TM-3", "records/x.gz", ("FAIL",))
    recorded(record=1.0).claim(judge_number)


@pytest.mark.parametrize(
    ("outcome", "promises", "words"),
    [
        ({"not_examined": "The platform died."}, ("TM-3",), "The platform died"),
        ({"record": 1.0}, (), "names no promise"),
        ({"record": 1.0}, ("TM-99",), "no promise 'TM-99'"),
    ],
)
def test_what_could_not_be_examined_accuses_nobody(
    test_in_progress: Running, outcome: dict[str, Any], promises: tuple[str, ...], words: str
) -> None:
    test_in_progress.promises = promises
    with pytest.raises(CouldNotBeExamined, match=words):
        recorded(**outcome).claim(judge_number)
    assert not test_in_progress.claims


def test_a_library_without_a_setup_says_so(test_in_progress: Running) -> None:
    with pytest.raises(CouldNotBeExamined, match="Nothing was recorded"):
        ExperimentLibrary().claim(judge_number)


def test_what_is_not_offered_is_not_applicable(test_in_progress: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(EvidenceCollector, "decide", lambda self, found: told.extend(found))
    recorded(not_applicable="The target file names no request.").claim(judge_number)
    assert [(m.verdict, m.metric) for m in told] == [("NOT APPLICABLE", "number")]
