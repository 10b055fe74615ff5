"""The three descriptions of the specification, written out as files, load exactly as they stand."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from isolation.target.model import FrameRequest, HttpRequest, HttpStep, Target

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize("name", sorted(file.stem for file in FILES.glob("*.yaml")))
def test_an_example_loads_and_travels_to_another_process(name: str) -> None:
    target = Target.load(FILES, name)
    assert target.source.endswith(f"{name}.yaml")
    assert pickle.loads(pickle.dumps(target)) == target


def test_a_key_that_contains_nothing_can_be_on_a_path() -> None:
    step = Target.load(FILES, "jupyterhub").tenants.make[3]
    assert isinstance(step, HttpStep)
    assert step.until == {"servers..ready": True}
    assert step.within == 60


def test_statuses_of_a_step_are_a_condition() -> None:
    step = Target.load(FILES, "jupyterhub").tenants.make[0]
    assert isinstance(step, HttpStep)
    assert step.expect == {"$status": [201, 409]}


def test_a_base_is_merged_below_requests_of_the_sessions_own_kind() -> None:
    messages = Target.load(FILES, "jupyterhub")
    noop = messages.requests["noop"]
    assert isinstance(noop, FrameRequest)
    assert isinstance(noop.root, dict)
    assert noop.root["channel"] == "shell"
    assert noop.root["content"] == {
        "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True,
        "code": "pass",
    }  # fmt: skip
    call = messages.requests["kernel_get"]
    assert isinstance(call, HttpRequest)
    assert call.headers == {"Authorization": "token {token}"}
    calls = Target.load(FILES, "langgraph").requests["ping"]
    assert isinstance(calls, HttpRequest)
    assert calls.headers == {"Authorization": "Bearer {token}"}


def test_users_of_one_tenant_are_there_only_where_the_file_tells_tenants_from_users() -> None:
    offers = {file.stem: Target.load(FILES, file.stem).offers_colleagues for file in FILES.glob("*.yaml")}
    assert offers == {"netra_september": False, "jupyterhub": False, "langgraph": True}
