"""Operations, data and work of many users stay apart, also when some crash or leave (AR-13 to AR-16)."""

from __future__ import annotations

from isolation.judge.access.attempts import judge_attempts
from isolation.judge.data.cross_contamination import judge_search
from isolation.judge.data.echoes import judge_echoes
from isolation.judge.registry.lifecycle import Release, judge_nothing_survives, judge_released
from isolation.judge.rules.facts import judge_facts
from isolation.judge.rules.verdicts import inconclusive, zero
from isolation.record import Measurement
from isolation.record.limits import Limits
from isolation.record.registry.multi_user import ManyUsersRecord
from isolation.record.secrets.searches import Search


def judge_own_answers(promise: str, record: ManyUsersRecord, limits: Limits) -> list[Measurement]:
    """Every answer gives back the text of its own request and the state of its own user."""
    return [
        judge_echoes(promise, record.echoes),
        judge_facts(promise, "answers with the state of another user", record.states),
    ]


def judge_data(promise: str, record: ManyUsersRecord, limits: Limits) -> list[Measurement]:
    """Nobody reaches the data of others, and nothing that others tried had an effect."""
    return judge_attempts(promise, record.data, limits)


def judge_frames(promise: str, record: ManyUsersRecord, limits: Limits) -> list[Measurement]:
    """No frame holds a secret of another user; everybody's own secrets are found in their own frames by the same search."""
    return [frames_without_foreign_secrets(promise, record.frames)]


def frames_without_foreign_secrets(promise: str, search: Search | None) -> Measurement:
    """As ``judge_search``; INCONCLUSIVE when no frame was searched."""
    if search is None:
        limit = zero(f"promise {promise}: no foreign secret")
        return inconclusive(promise, "foreign secrets", limit, "No frame was searched for secrets")
    return judge_search(promise, search)


def judge_interference(promise: str, record: ManyUsersRecord, limits: Limits) -> list[Measurement]:
    """Nobody reaches into the work of others: refused, and without effect."""
    return judge_attempts(promise, record.interference, limits)


def judge_crashes(promise: str, record: ManyUsersRecord, limits: Limits) -> list[Measurement]:
    """The crash of some users' agents is not felt by the others."""
    return [judge_facts(promise, "users who felt the crash of another one", record.crashes)]


def judge_ended_sessions(promise: str, record: ManyUsersRecord, limits: Limits) -> list[Measurement]:
    """Nothing of ended sessions is known to anybody, and who comes back finds an empty registry."""
    release = Release("processes of those who left", 0, record.ended_processes, record.ended_alive)
    return [
        judge_nothing_survives(promise, record.history),
        *judge_released(promise, [release], limits["released"]),
        judge_facts(promise, "registries that were not empty after coming back", record.returns),
    ]


def judge_those_who_stayed(promise: str, record: ManyUsersRecord, limits: Limits) -> list[Measurement]:
    """The users who stayed have kept their agents, which answer."""
    return [judge_facts(promise, "users who lost something with others", record.stayed)]
