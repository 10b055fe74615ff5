"""Target files: the one that is there can be used, and what is wrong in one is said in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from isolation.settings.errors import SettingsError
from isolation.target.adapter import JsonAdapter
from isolation.target.target import Target

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "targets"
DOORS = {"tenant_door": "wss://example.test/agents"}


@pytest.fixture
def description() -> dict[str, Any]:
    """The description of the reference platform, to be spoilt."""
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / "reference_platform.yaml").read_text())
    return loaded


def load(tmp_path: Path, description: object) -> Target:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(description))
    return Target.load(FOLDER, str(file))


def complaint(tmp_path: Path, description: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, description)
    assert "\n" not in str(caught.value)
    assert "mine.yaml" in str(caught.value)
    assert len(str(caught.value)) < 600, "one sentence, not the whole file"
    return str(caught.value)


@pytest.mark.parametrize(
    "name", sorted(file.stem for file in FOLDER.glob("*.yaml") if "version: 2" not in file.read_text())
)
def test_every_target_file_can_be_used(name: str) -> None:
    target = Target.load(FOLDER, name)
    adapter = JsonAdapter(target)
    for kind in target.requests:
        assert adapter.encode(kind, "c-1", {})


def test_a_target_file_elsewhere_can_be_used(tmp_path: Path, description: dict[str, Any]) -> None:
    del description["launch"]
    target = load(tmp_path, {**description, "doors": DOORS})
    assert target.doors is not None
    assert target.doors.tenant_door == "wss://example.test/agents"


def test_an_unknown_target_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no target 'platfrom'.*reference_platform"):
        Target.load(FOLDER, "platfrom")
    with pytest.raises(SettingsError, match=r"no target .*gone\.yaml"):
        Target.load(FOLDER, str(tmp_path / "gone.yaml"))


def test_a_target_is_started_or_runs_already_but_not_both(tmp_path: Path, description: dict[str, Any]) -> None:
    assert "either 'launch'" in complaint(tmp_path, {**description, "doors": DOORS})
    del description["launch"]
    assert "or 'doors'" in complaint(tmp_path, description)


@pytest.mark.parametrize(
    ("part", "name", "value", "words"),
    [
        ("launch", "ready_within", "60", ["launch.ready_within", "with a unit"]),
        ("launch", "command", [], ["launch.command"]),
        ("launch", "comand", ["x"], ["launch.comand", "not a known setting", "ready_within"]),
        ("token", "algorithm", "none", ["token.algorithm", "'none'", "HS256"]),
        ("token", "lifetime", "1 week", ["token.lifetime", "1 week", "h"]),
        ("frames", "answered", [], ["frames.answered"]),
        ("frames", "answerd", ["x"], ["frames.answerd", "not a known setting", "answered"]),
        ("operator", "protocol", "telnet", ["operator.protocol", "'telnet'", "json_websocket"]),
        ("stores", "mysql", "x", ["stores.mysql", "postgresql, redis"]),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, description: dict[str, Any], part: str, name: str, value: object, words: list[str]
) -> None:
    description[part][name] = value
    sentence = complaint(tmp_path, description)
    for word in words:
        assert word in sentence


@pytest.mark.parametrize("part", ["name", "token", "handshake", "frames", "requests", "capabilities"])
def test_a_part_that_is_missing_is_named(tmp_path: Path, description: dict[str, Any], part: str) -> None:
    del description[part]
    assert f"'{part}' is missing" in complaint(tmp_path, description)


def test_an_address_that_is_no_websocket_is_refused(tmp_path: Path, description: dict[str, Any]) -> None:
    del description["launch"]
    sentence = complaint(tmp_path, {**description, "doors": {"tenant_door": "https://example.test"}})
    assert "doors.tenant_door" in sentence
    assert "https://example.test" in sentence
    assert "wss?://" in sentence
