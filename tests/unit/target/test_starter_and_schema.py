"""The starter file and the schema for editors: both fit what the reader takes."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import jsonschema
import pytest

from isolation.target.__main__ import main
from isolation.target.reading.file import parse_target
from isolation.target.reading.yaml_lines import parse_lined_yaml, read_lined_yaml
from isolation.target.schema import target_schema
from isolation.target.starter import QUESTIONS, Starter

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "targets"
FILES = Path(__file__).parent / "files"
SCHEMA = jsonschema.Draft202012Validator(target_schema())
SHIPPED = [file for file in sorted([*FOLDER.glob("*.yaml"), *FILES.glob("*.yaml")]) if "version: 2" in file.read_text()]
CHOICES = list(itertools.product(*(choices for _, choices in QUESTIONS.values())))


@pytest.mark.parametrize("choices", CHOICES, ids=["-".join(choices) for choices in CHOICES])
def test_every_starter_file_loads_as_it_is_or_its_choices_are_refused(choices: tuple[str, ...]) -> None:
    for launch, operator in itertools.product((True, False), repeat=2):
        starter = Starter("mine", *choices, launch=launch, operator=operator)  # type: ignore[arg-type,misc]
        if starter.contradiction():
            continue
        text = starter.text()
        assert parse_target(text).name == "mine"
        assert "CHANGE" in text
        assert not list(SCHEMA.iter_errors(parse_lined_yaml(text).data))


def test_most_choices_are_possible() -> None:
    assert sum(not Starter("x", *choices).contradiction() for choices in CHOICES) > 60  # type: ignore[arg-type]


def test_new_writes_a_file_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yaml"
    assert main(["new", "--name", "Mine", "--connection", "http", "--output", str(file)]) == 0
    assert main(["check", "--only-read", str(file)]) == 0
    assert "can be used (Mine" in capsys.readouterr().out
    assert main(["new", "--output", str(file)]) == 2, "an existing file is never overwritten"
    assert main(["new", "--connection", "http", "--travel", "subprotocol"]) == 2


def test_check_names_every_problem_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(Starter().text().replace("means: pong", "means: png").replace("kind: jwt", "kind: jwd"))
    assert main(["check", str(file)]) == 254
    said = capsys.readouterr().err
    assert f"{file}:" in said
    assert "'png'" in said
    assert "'jwd'" in said


def test_the_schema_file_is_current() -> None:
    """Write it anew by: python -m isolation.target schema > resources/targets/target.schema.json."""
    assert json.loads((FOLDER / "target.schema.json").read_text(encoding="utf-8")) == target_schema()


@pytest.mark.parametrize("file", SHIPPED, ids=[file.name for file in SHIPPED])
def test_every_target_file_fits_the_schema(file: Path) -> None:
    assert [error.message for error in SCHEMA.iter_errors(read_lined_yaml(file).data)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 2", "version: 1"),
        ("means: pong", "means: png"),
        ("kind: jwt", "kind: jwd"),
        ("answer_within: 10 s", "answer_within: 10"),
        ("ready: connected", "redy: connected"),
    ],
)
def test_the_schema_finds_plain_mistakes(old: str, new: str) -> None:
    assert list(SCHEMA.iter_errors(parse_lined_yaml(Starter().text().replace(old, new, 1)).data))


def test_fields_are_explained() -> None:
    schema = target_schema()
    fields = [entry for one in (schema, *schema["$defs"].values()) for entry in one.get("properties", {}).values()]
    assert sum("description" in entry for entry in fields) > 0.7 * len(fields)
    assert all("description" in entry for entry in schema["properties"].values())
