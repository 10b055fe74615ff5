"""Doors, credentials and incidents on a healthy platform: nothing gets through, and the probes are there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from component.contamination.stage import Stage
from isolation.drive.probe.credentials.credential_abuse import EXPIRES_OPEN, LIVES_ON, REPLAY
from isolation.drive.probe.credentials.handshake import Reply, try_handshake
from isolation.drive.probe.probing import Prober
from isolation.drive.probe.things.plan import doors_of
from isolation.drive.session.access import Access
from isolation.judge.access.credentials import judge_credentials, judge_refusals_alike
from isolation.judge.access.doors import judge_denials, judge_oracle, judge_twins
from isolation.judge.access.incidents import judge_cancelled, judge_own_answers
from isolation.record import Outcome, Verdict
from isolation.record.access.probes import Expected, Relation, Rule

_T = TypeVar("_T")


def with_prober(stage: Stage, work: Callable[[Prober], Awaitable[_T]]) -> _T:
    async def run() -> _T:
        prober = await stage.prober()
        try:
            return await work(prober)
        finally:
            await prober.close()

    return asyncio.run(run())


def test_bad_tokens_are_refused_all_alike_and_good_ones_let_in(stage: Stage) -> None:
    people = [stage.person("red", "ruth"), stage.person("blue", "ben")]
    record = with_prober(stage, lambda prober: prober.abuse_credentials(people, 2.0))
    probes, expected = record.probes, record.expected
    assert len(probes) == 2 * len(expected)
    assert {EXPIRES_OPEN, REPLAY, LIVES_ON} < set(expected)
    for found in [*judge_credentials("CS-2", probes, list(expected)), judge_refusals_alike("CS-2", probes)]:
        assert found.verdict is Verdict.PASS, found.reason


def test_doors_are_shut_for_strangers_and_open_for_owners(stage: Stage) -> None:
    owners, strangers = (
        [stage.person("own", "olga")],
        [stage.person("far", "fred"), stage.person("off", "ada", "admin")],
    )
    neighbours = [stage.person("own", "nick"), stage.person("own", "anna", "admin")]
    trials = with_prober(stage, lambda prober: prober.try_doors(owners, neighbours, strangers, 4))
    for probes in (trials.matrix, trials.rules):
        for found in (judge_denials("CS-2", probes), judge_twins("CS-2", probes)):
            assert found.verdict is Verdict.PASS, found.reason
    oracle = judge_oracle("CS-2", trials.matrix, tolerance=8)
    assert oracle.verdict is Verdict.PASS, oracle.reason
    doors = [door for door in doors_of(stage.target) if not door.subscribes]
    assert {probe.operation for probe in trials.matrix} == {door.name for door in doors}
    assert {probe.relation for probe in trials.matrix} == set(Relation)
    removing = {door.name for door in doors if door.removes}
    effects = {
        p.operation: p.effect_verified
        for p in trials.matrix
        if p.expected is Expected.ALLOW and p.operation in removing
    }
    assert effects == dict.fromkeys(removing, True)
    assert {probe.rule for probe in trials.rules} == set(Rule)


def test_cancelled_requests_stay_cancelled(stage: Stage) -> None:
    people = [stage.person(f"c{number}", f"cora{number}") for number in range(4)]
    texts = [[f"text-{number}-{index}" for index in range(9)] for number in range(4)]
    staged = with_prober(stage, lambda prober: prober.cancel_in_flight(people, texts, 1))
    cancelled = [e for e in staged.exchanges if e.occasion == "cancelled"]
    others = [e for e in staged.exchanges if e.occasion != "cancelled"]
    assert len(cancelled) == 16 and staged.frames
    assert judge_cancelled("CS-2", cancelled, staged.late).verdict is Verdict.PASS
    assert judge_own_answers("CS-2", "after a cancellation", others).verdict is Verdict.PASS


def test_a_crowd_comes_back_after_a_storm(stage: Stage) -> None:
    people = [stage.person(f"s{number}", f"sam{number}") for number in range(6)]
    texts = [f"storm-{number}" for number in range(6)]

    async def storm(prober: Prober) -> None:
        await prober.gather_crowd(people, texts)
        returns, exchanges = await prober.storm(texts)
        assert len(returns) == 6 and all(one.seconds is not None for one in returns)
        assert [(exchange.outcome, exchange.answer.split()[:1]) for exchange in exchanges] == [
            (Outcome.ANSWERED, [text]) for text in texts
        ]
        assert any(b"replayed" in frame.data for frame in await prober.crowd_frames())

    with_prober(stage, storm)


def test_a_handshake_tells_refused_from_not_there(stage: Stage) -> None:
    async def both() -> tuple[Reply, Reply]:
        here, gone = stage.access, Access(stage.target, {**stage.doors.addresses, "agents": "ws://127.0.0.1:9/"}, {})
        person = stage.person("far", "fred")
        try:
            return await try_handshake(here, person, ""), await try_handshake(gone, person, "x", timeout_s=2)
        finally:
            await here.close()
            await gone.close()

    refused, lost = asyncio.run(both())
    assert (refused.outcome, refused.looks.split(",")[0]) == (Outcome.REFUSED, "HTTP 401")
    assert lost.outcome is Outcome.LOST
