"""PROTOCOL.md names everything that the code offers: it is all that a stranger has."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from reference_platform.authentication import checks
from reference_platform.gateway import operations, operator_api
from reference_platform.gateway.execution.work_kinds import KINDS
from reference_platform.gateway.operator_api import Inspection
from reference_platform.registry import AGENT_TYPES
from reference_platform.state import StoreNames

PAGE = (Path(__file__).resolve().parents[3] / "libraries/reference_platform/PROTOCOL.md").read_text(encoding="utf-8")
ROWS = {row.split("|")[1].strip().strip("`"): row for row in PAGE.splitlines() if row.startswith("| `")}


@pytest.mark.parametrize("name", [*operations.NAMES, *operator_api.NAMES, *KINDS])
def test_every_operation_and_every_kind_of_work_has_a_row(name: str) -> None:
    assert name in ROWS or f"Work: `{name}`" in PAGE


@pytest.mark.parametrize(("kind", "argument"), [(kind, name) for kind, names in KINDS.items() for name in names])
def test_every_argument_of_work_stands_in_its_row(kind: str, argument: str) -> None:
    assert f"`{argument}`" in ROWS[kind]


def test_every_field_of_the_inventory_and_of_a_footprint_is_explained() -> None:
    shown = re.findall(r'^            "(\w+)":', inspect.getsource(Inspection.inventory), re.MULTILINE)
    assert len(shown) > 10
    for name in (*shown, *StoreNames.__dataclass_fields__, "cgroups", "folder"):
        assert f'"{name}"' in PAGE, name
        assert f"`{name}`" in PAGE or name in ("sessions", "agents"), name


def test_every_reason_of_a_refused_login_is_named() -> None:
    source = inspect.getsource(checks)
    reasons = set(re.findall(r'TokenRefused\("(\w+)"\)', source)) | {f"no_{name}" for name in ("exp", "nbf", "iat")}
    assert len(reasons) > 15
    assert {reason for reason in reasons if f"`{reason}`" not in PAGE} == set()


@pytest.mark.parametrize("agent_type", AGENT_TYPES)
def test_every_type_of_agent_is_named(agent_type: str) -> None:
    assert f"`{agent_type}`" in PAGE


def test_the_words_of_doors_are_gone() -> None:
    assert not re.findall(r"\b(?:tenant|operator) door\b", PAGE)
