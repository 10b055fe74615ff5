"""The page for strangers names everything that a file can hold."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import pytest

from isolation.target import model
from isolation.target.words import Meaning, OperatorOperation, RequestKind

PAGE = (Path(__file__).resolve().parents[3] / "resources" / "targets" / "README.md").read_text(encoding="utf-8")
CODE = {piece.split(" ")[0].split(":")[0] for piece in PAGE.split("`")[1::2]}
SECTIONS = (
    model.Target,
    model.Launch,
    model.Tenants,
    model.Credential,
    model.Session,
    model.Connect,
    model.Correlation,
    model.FrameRule,
    model.Thing,
    model.Processes,
    model.Stores,
    model.Limits,
    model.TargetWords,
    model.HttpStep,
)


@pytest.mark.parametrize("section", SECTIONS, ids=[section.__name__ for section in SECTIONS])
def test_every_field_of_a_section_is_named(section: type) -> None:
    names = [field.alias or name for name, field in section.model_fields.items()]  # type: ignore[attr-defined]
    assert [name for name in names if name not in PAGE] == []


def test_every_request_and_operation_and_meaning_is_named() -> None:
    patterns = [piece for piece in CODE if "*" in piece]
    requests = [kind for kind in RequestKind if kind not in CODE and not any(fnmatch(kind, one) for one in patterns)]
    assert requests == []
    assert [operation for operation in OperatorOperation if f"`{operation}`" not in PAGE] == []
    assert [meaning for meaning in Meaning if meaning not in PAGE] == []
