"""Doors are generated from the target's own requests, and none is forgotten silently."""

from __future__ import annotations

import random
from pathlib import Path

from isolation.drive.probe.doors import DOORS, Things, doors_of
from isolation.target.model import FrameRequest, Target

TARGETS = Path(__file__).resolve().parents[3] / "resources" / "targets"
THINGS = Things(
    "run-u0001", "agt_0123456789abcdef01234567", "key-001", "thread-001", "r0000001", "ses_0123456789abcdef"
)


def test_every_operation_of_the_reference_platform_that_addresses_a_thing_has_a_door() -> None:
    doors, uncovered = doors_of(Target.load(TARGETS, "reference_platform").requests)
    assert len(doors) == len(DOORS) and uncovered == []


def test_a_new_operation_is_reported() -> None:
    requests = {
        "state_get": FrameRequest({"key": "{key}", "user": "{of}"}),
        "peek": FrameRequest({"of": {"agent": "{agent}"}}),
        "ping": FrameRequest({"type": "ping"}),
    }
    doors, uncovered = doors_of(requests)
    assert [door.kind for door in doors] == ["state_get"] and uncovered == ["peek"]


def test_things_of_nobody_have_the_same_form_and_other_ids() -> None:
    nothing = THINGS.like_nobodys(random.Random(1))
    for name in ("user", "agent", "target", "session"):
        own, other = getattr(THINGS, name), getattr(nothing, name)
        assert own != other and len(own) == len(other)
        assert [c.isdigit() for c in own] == [c.isdigit() for c in other]
    assert nothing.agent.startswith("agt_")


def test_nothing_of_a_user_who_exists_keeps_the_user() -> None:
    nothing = THINGS.like_nobodys(random.Random(1), same_user=True)
    assert nothing.user == THINGS.user and nothing.key != THINGS.key
