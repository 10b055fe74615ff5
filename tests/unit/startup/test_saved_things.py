"""Things of a target file that carry contents: how they are saved, addressed, and recognised in an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Operation, Outcome
from isolation.scenarios.concurrent_startup.saved_things import Saved, digest, fill, kinds_of, look, new_thing
from isolation.target.model import Target
from isolation.target.words import Kept

TARGETS = Path(__file__).resolve().parents[3] / "resources" / "targets"
TARGET = Target.load(TARGETS, "reference_platform")
KINDS = {kind.name: kind for kind in kinds_of(TARGET)}
ANN = TenantAgent("user-01", "t1", "u1", "standard")
BEN = TenantAgent("user-02", "t2", "u2", "standard")


def answer(**kept: object) -> Operation:
    return Operation("user-01", "u1", "user-01", "c1", "x", 0.0, completed_at=1.0, outcome=Outcome.ANSWERED, kept=kept)


def filled(name: str) -> Saved:
    saved = new_thing(ANN, KINDS[name])
    saved.identity = saved.identity or "agent-7"
    fill(saved)
    return saved


def test_every_thing_with_contents_is_found_with_each_of_its_values() -> None:
    assert set(KINDS) == {
        "memory",
        "thread",
        *(f"state (scope {s})" for s in ("profile", "preference", "memory", "context")),
    }


def test_the_platform_names_what_it_can_name() -> None:
    assert new_thing(ANN, KINDS["memory"]).identity == ""
    assert new_thing(ANN, KINDS["state (scope profile)"]).identity


def test_others_address_a_thing_by_its_owner() -> None:
    saved = filled("state (scope preference)")
    assert "of" not in look(saved).arguments
    other = look(saved, by=BEN)
    assert (other.tenant, other.arguments["of"], other.arguments["key"]) == ("user-02", "u1", saved.identity)


@pytest.mark.parametrize("kept", [Kept.VALUE, Kept.ANSWER, "anything"])
def test_the_own_content_is_recognised_wherever_it_stands(kept: str) -> None:
    saved = filled("state (scope profile)")
    assert saved.items_in(answer(**{kept: {"deep": [saved.contents[0]]}})) == saved.items()


def test_an_altered_content_is_shown_as_what_it_is() -> None:
    saved = filled("state (scope profile)")
    altered = {**saved.contents[0], "amount": 0}  # type: ignore[dict-item]  # a document
    (item,) = saved.items_in(answer(value=altered))
    assert item.place == saved.items()[0].place
    assert item.digest == digest(altered) != saved.items()[0].digest


def test_the_content_of_somebody_else_is_not_the_own_one() -> None:
    own, foreign = filled("memory"), filled("memory")
    (item,) = own.items_in(answer(memories=[foreign.contents[0]]))
    assert item.digest == digest(foreign.contents[0])


def test_nothing_is_there_when_nothing_was_answered_or_shown() -> None:
    saved = filled("memory")
    assert saved.items_in(answer(memories=[])) == []
    refused = Operation("user-01", "u1", "user-01", "c1", "x", 0.0, outcome=Outcome.REFUSED)
    assert saved.items_in(refused) == []


def test_entries_are_compared_in_their_order() -> None:
    saved = filled("thread")
    fill(saved)
    fill(saved)
    assert saved.items_in(answer(entries=list(saved.contents))) == saved.items()
    assert saved.items_in(answer(entries=list(reversed(saved.contents)))) != saved.items()


def test_no_content_occurs_twice() -> None:
    assert len({digest(filled(name).contents[0]) for name in KINDS for _ in range(50)}) == 50 * len(KINDS)
