"""Saved things as items: every value its own, every way of reading told apart."""

from __future__ import annotations

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.data.persistence import SavedItem, judge_kept
from isolation.record import Operation, Outcome, Verdict
from isolation.record.measurements import worst
from robot_support.saved_things import HISTORY, Thing, item, read_asks, read_items, things_of

AGENTS = {f"user-{n}": TenantAgent(f"user-{n}", f"t{n}", f"u{n}", "standard") for n in (1, 2)}
THINGS = {name: things_of(agent) for name, agent in AGENTS.items()}
SAVED = [item(AGENTS[name], thing.scope, thing.key, thing.value) for name, things in THINGS.items() for thing in things]


def answered(ask: Request, result: dict[str, object] | None) -> Operation:
    outcome = Outcome.ANSWERED if result is not None else Outcome.REFUSED
    return Operation(ask.tenant, ask.tenant, ask.tenant, "c", ask.kind, 0.0, 0.0, 0.0, 0.1, outcome, kept=result or {})


def a_good_platform(ask: Request, things: list[Thing]) -> dict[str, object] | None:
    if ask.kind == "history_read":
        return {"entries": [thing.value for thing in things if thing.scope == HISTORY]}
    if ask.kind == "state_list":
        return {"keys": [thing.key for thing in things if thing.scope == ask.arguments["scope"]]}
    place = (ask.arguments["scope"], ask.arguments["key"])
    return next(({"value": thing.value} for thing in things if (thing.scope, thing.key) == place), None)


def read(things: dict[str, list[Thing]]) -> list[SavedItem]:
    requests = [ask for name, agent in AGENTS.items() for ask in read_asks(agent, THINGS[name], "")]
    return read_items(
        AGENTS, requests, [answered(ask, a_good_platform(ask, things[ask.tenant])) for ask in requests], {}
    )


def test_everything_read_back_is_everything_saved() -> None:
    assert sorted(map(str, read(THINGS))) == sorted(map(str, SAVED))
    assert worst(judge_kept("CS-5", "nothing", SAVED, read(THINGS))) is Verdict.PASS


def test_no_value_occurs_twice() -> None:
    assert len({saved.digest for saved in SAVED}) == len(SAVED)


def test_a_thing_that_is_gone_is_lost() -> None:
    lost, *_ = judge_kept("CS-5", "nothing", SAVED, read({**THINGS, "user-1": THINGS["user-1"][:-1]}))
    assert (lost.verdict, lost.value) == (Verdict.FAIL, 1)


def test_the_things_of_another_user_are_foreign() -> None:
    *_, foreign = judge_kept("CS-5", "nothing", SAVED, read({**THINGS, "user-1": THINGS["user-2"]}))
    assert (foreign.verdict, foreign.value) == (Verdict.FAIL, len(THINGS["user-1"]))


def test_a_key_that_was_never_saved_shows_in_the_list() -> None:
    more = [*THINGS["user-1"], Thing("preference", "uninvited", "x")]
    assert [found.key for found in read({**THINGS, "user-1": more}) if found not in SAVED] == ["uninvited"]


def test_one_changed_digit_changes_the_digest() -> None:
    agent = AGENTS["user-1"]
    assert item(agent, "memory", "k", {"a": 1.0}) != item(agent, "memory", "k", {"a": 1.1})
    assert item(agent, "memory", "k", {"a": 1, "b": 2}) == item(agent, "memory", "k", {"b": 2, "a": 1})
