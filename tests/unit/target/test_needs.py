"""Needs: taken apart section by section, a target lacks exactly what was taken away, in one sentence each."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from isolation.target.model import Target
from isolation.target.needs import Needs, missing, not_offered, routing_proof, things_that
from isolation.target.words import Alert, Audit, Code, Kept, OperatorOperation, OperatorWord, RequestKind

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "targets"
FILES = Path(__file__).parent / "files"
FULL = Target.load(FOLDER, "reference_platform")
DATA = yaml.safe_load((FOLDER / "reference_platform.yaml").read_text())
EVERYTHING = Needs(
    requests=tuple(kind for kind in RequestKind if kind is not RequestKind.HISTORY),
    any_of=(RequestKind.CPU, RequestKind.HEAVY),
    kept=(Kept.AGENT, Kept.ECHO, Kept.SERVICE_MILLISECONDS),
    things=("agent", "thread"),
    any_thing=("make", "look", "change", "remove", "subscribe", "reach", "list"),
    operator=tuple(OperatorOperation),
    operator_words=((OperatorOperation.USAGE, (OperatorWord.CPU_PERCENT, OperatorWord.CPU_SECONDS)),),
    stores=("postgresql", "redis", "logs"),
    writes=("postgresql",),
    alerts=(Alert.NOISE,),
    audit=(Audit.CONTAINED,),
    codes=(Code.ABSENT,),
    roles=("admin",),
    tenants=100,
    colleagues=True,
    removal=True,
    processes=True,
    connection=True,
    routing=True,
    made_tokens=True,
    launch=True,
    events=True,
    scopes=4,
    agent_types=2,
)


def without(change: dict[str, Any]) -> Target:
    """The full description with some sections replaced; what does not fit together is not looked at."""
    data = copy.deepcopy(DATA)
    for section, value in change.items():
        if value is None:
            del data[section]
        else:
            data[section] = value
    data["operator"] = {**data["operator"], **data.pop("operator_more", {})}
    return Target.model_validate(data)


def test_the_reference_platform_has_everything() -> None:
    assert missing(FULL, EVERYTHING) == ()


def test_nothing_is_missing_where_nothing_is_needed() -> None:
    for file in FILES.glob("*.yaml"):
        assert missing(Target.load(FILES, file.stem), Needs()) == ()


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        ({"requests": {"noop": {"type": "x"}}}, {"no request 'ping'", "no request 'cpu'", "none of the requests 'cpu', 'heavy'"}),
        ({"things": {}}, {"no thing 'agent'", "no thing 'thread'", "no thing with 'make', 'look'"}),
        ({"frames": []}, {"keeps 'agent'", "keeps 'echo'"}),
        ({"stores": {}}, {"no store 'postgresql'", "no store 'redis'", "no store 'logs'"}),
        ({"stores": {"postgresql": {"address": "database"}, "redis": {"address": "cache"}, "logs": {"folder": "log_folder"}}},
         {"does not allow writing to 'postgresql'"}),
        ({"words": {}}, {"no word for 'noise'", "no word for 'contained'", "no word for 'absent'", "0 of the 4", "no order of events"}),
        ({"processes": "none"}, {"processes are found"}),
        ({"launch": None}, {"did not start"}),
        ({"tenants": {"make": [{"http": "GET", "url": "http://127.0.0.1/{user}"}], "most": 6}},
         {"no role 'admin'", "6 users at a time, 100 are needed", "one user only", "how users are removed", "tokens itself"}),
        ({"session": {}}, {"there is no connection"}),
        ({"correlation": {"by": "order"}}, {"nothing in an answer proves whose it is"}),
    ],
)  # fmt: skip
def test_what_is_taken_away_is_missing(change: dict[str, Any], sentences: set[str]) -> None:
    found = missing(without(change), EVERYTHING)
    for sentence in sentences:
        assert any(sentence in line for line in found), sentence
    for line in found:
        assert "section '" in line
        assert "\n" not in line


def test_every_operation_of_the_operator_is_asked_for_by_name() -> None:
    data = copy.deepcopy(DATA)
    for operation in OperatorOperation:
        target = Target.model_validate(
            {**data, "operator": {k: v for k, v in data["operator"].items() if k != operation}}
        )
        assert [line for line in missing(target, EVERYTHING) if f"asked for '{operation}'" in line]


def test_what_proves_whose_an_answer_is() -> None:
    proofs = {file.stem: routing_proof(Target.load(FILES, file.stem)) for file in FILES.glob("*.yaml")}
    assert proofs == {"netra_september": "owner", "jupyterhub": "id", "langgraph": "stream"}
    assert routing_proof(without({"correlation": {"by": "order"}})) == ""
    assert routing_proof(without({"correlation": {"by": "order", "owner": "user", "is": "user"}})) == "owner"


def test_things_by_what_can_be_done_with_them() -> None:
    assert set(things_that(FULL, "look", "change")) == {"agent", "state", "thread"}
    assert set(things_that(FULL, "administrators")) == {"agent"}
    assert set(things_that(FULL)) == set(FULL.things)


def test_needs_can_be_added() -> None:
    both = Needs(requests=("noop",), tenants=3) + Needs(requests=("ping", "noop"), tenants=2, processes=True)
    assert both == Needs(requests=("noop", "ping"), tenants=3, processes=True)


def test_all_that_is_missing_is_one_sentence() -> None:
    assert not_offered(FULL, EVERYTHING) == ""
    sentence = not_offered(without({"processes": "none", "launch": None}), EVERYTHING)
    assert sentence.startswith("The target file does not say how a user's processes are found")
    assert sentence.endswith(".")
