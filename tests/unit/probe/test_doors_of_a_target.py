"""Doors are generated from the target's own things and requests, and none is forgotten silently."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml

from isolation.drive.probe.things.ids import counted, look_alikes, nobodys, patterns
from isolation.drive.probe.things.plan import Door, doors_of, uncovered
from isolation.target.model import Target

TARGETS = Path(__file__).resolve().parents[3] / "resources" / "targets"
FILE = """
version: 2
name: made up
doors: {ws: "ws://127.0.0.1:1/"}
secrets: {key: KEY}
tenants: {make: [{jwt: {algorithm: HS256, key: "{key}", claims: {sub: "{user}"}}}]}
credential: {kind: jwt, bad: {http: 401}}
session: {connect: {websocket: "{ws}", headers: {Authorization: "Bearer {token}"}}}
correlation: {by: echoed, read: id}
frames: [{when: {t: done}, means: answered, keep: {note: note}}]
request_base: {id: "{id}"}
requests:
  ping: {t: ping}
  note_make: {t: make, text: "{text}"}
  note_get: {t: get, note: "{note}", user: "{of}"}
  note_share: {t: share, note: "{note}"}
  note_drop: {t: drop, note: "{note}"}
  profile: {t: profile, user: "{of}"}
things:
  note: {id: note, make: note_make, look: note_get, remove: note_drop}
"""


@pytest.fixture
def made_up() -> Target:
    return Target.model_validate(yaml.safe_load(FILE))


def by_kind(doors: list[Door]) -> dict[str, Door]:
    return {door.kind: door for door in doors}


def test_a_request_that_has_a_place_for_the_id_is_a_door_though_no_thing_names_it(made_up: Target) -> None:
    doors = by_kind(doors_of(made_up))
    assert set(doors) == {"note_get", "note_share", "note_drop", "profile"}
    assert doors["note_share"].has_id and not doors["note_share"].names_owner
    assert doors["note_get"].names_owner and doors["profile"].thing == "user"


def test_what_removes_comes_last(made_up: Target) -> None:
    assert doors_of(made_up)[-1].kind == "note_drop" and doors_of(made_up)[-1].removes


def test_a_request_without_a_door_is_named(made_up: Target) -> None:
    doors = doors_of(made_up)
    assert uncovered(made_up, doors) == ()
    assert uncovered(made_up, [door for door in doors if door.kind != "note_share"]) == ("note_share",)


def test_every_operation_of_the_reference_platform_that_addresses_a_thing_has_a_door() -> None:
    target = Target.load(TARGETS, "reference_platform")
    doors = doors_of(target)
    assert uncovered(target, doors) == ()
    assert {"state_get", "agent_get", "cancel", "session_resume", "subscribe_agent", "history_append"} <= set(
        by_kind(doors)
    )
    scopes = {str(door.words["scope"]) for door in doors if door.kind == "state_get"}
    assert scopes == {"profile", "preference", "memory", "context"}


@pytest.mark.parametrize("own", ["run-u0001", "agt_0123456789abcdef01234567", "thread-001", "Ab3-xyz"])
def test_an_id_of_nobody_has_the_same_form(own: str) -> None:
    other = nobodys(own, random.Random(1))
    assert other != own and len(other) == len(own)
    assert [sign.isalnum() for sign in own] == [sign.isalnum() for sign in other]


def test_ids_that_are_counted_up_are_guessed_and_others_are_not() -> None:
    assert counted("41") == ["39", "40", "42", "43"]
    assert counted("run-0007", (1,)) == ["run-0008"] and counted("run-x") == []


def test_look_alikes_and_patterns_are_other_texts() -> None:
    assert "AGT_1F" in look_alikes("agt_1f") and "agt_1f" not in look_alikes("agt_1f")
    assert {"*", "#", "ag*"} <= set(patterns("agt_1f"))
