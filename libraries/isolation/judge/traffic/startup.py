"""Whether many users can start at once, each with things of its own and in time (CS-1, CS-3, CS-4).

Principle: a start is a chain (connect, authenticate, initialise, first response); it succeeds when its own answer
came, and the sentence says where the chain broke. Instances are compared by identity: two starts that share an agent,
session or process are both named. Contexts are compared exactly, key by key; a value that belongs to somebody else is
named.

Percentiles need ``10/(1-q)`` samples (P95 200, P99 1,000); with fewer the maximum decides instead, which is stricter,
and the sentence says so. Assumption: all times of one start were taken by one clock from the same moment of intent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence

from isolation.judge.rules.limit_units import seconds_as
from isolation.judge.rules.statistics import percentile, samples_needed
from isolation.judge.rules.verdicts import (
    amount,
    inconclusive,
    judged,
    names,
    no_evidence,
    not_applicable,
    plural,
    zero,
)
from isolation.judge.traffic.phase_times import judge_phase
from isolation.record import Limit, Measurement
from isolation.record.concurrent_startup.startup import AGENTS, PHASES, PROCESSES, SESSIONS, Startup


def judge_startup(promise: str, startups: Sequence[Startup], connect: Limit, success: Limit) -> list[Measurement]:
    """The chain of all starts: everybody connects in time, and nearly all succeed.

    Args:
        startups: One per user that should have started.
        connect: The longest time to connect, of anybody.
        success: Smallest share of starts that succeed, in per cent.

    Returns:
        The slowest connection (FAIL when anybody is not connected) and the share of starts that succeeded.
    """
    count = len(startups)
    connected = [s for s in startups if s.connect_s is not None]
    answered = [s for s in startups if s.succeeded]
    unconnected = [s for s in startups if s.connect_s is None]
    claim = f"{len(connected)} of {count} connected"
    if unconnected or not connected:
        first = no_evidence(
            promise, "time until all were connected", connect, claim + _why(unconnected), samples=len(connected),
            tenants=_tenants(unconnected),
        )  # fmt: skip
    else:
        slowest = max(connected, key=lambda s: s.connect_s or 0.0)
        value = seconds_as(slowest.connect_s or 0.0, connect.unit)
        words = f"{claim}, the last ('{slowest.user}') after {amount(value, connect.unit)}"
        first = judged(promise, "time until all were connected", value, connect, count, words)
    failed = [s for s in startups if not s.succeeded]
    claim += f", {len(answered)} of {count} answered{_why(failed)}"
    if not startups:
        return [first, no_evidence(promise, "starts that succeeded", success, claim)]
    share = 100.0 * len(answered) / count
    return [first, judged(promise, "starts that succeeded", share, success, count, claim, tenants=_tenants(failed))]


def judge_distinct(
    promise: str, startups: Sequence[Startup], not_told: Mapping[str, str] | None = None
) -> list[Measurement]:
    """Every start has an agent instance, a session and a process of its own.

    Args:
        startups: The starts; those that failed have nothing to compare.
        not_told: Why the target tells nothing of some of these, by their name.

    Returns:
        Shared agents, sessions and processes, which must be zero; INCONCLUSIVE when one could not be found.
    """
    lacks = not_told or {}
    alive = [s for s in startups if s.succeeded]
    keys: tuple[tuple[str, Callable[[Startup], Hashable]], ...] = (
        (AGENTS, lambda s: s.agent or None),
        (SESSIONS, lambda s: s.session_id or None),
        (PROCESSES, lambda s: s.pid),
    )
    return [
        not_applicable(promise, f"shared {things}", lacks[things])
        if things in lacks
        else _distinct(promise, things, alive, key)
        for things, key in keys
    ]


def judge_contexts(promise: str, startups: Sequence[Startup]) -> Measurement:
    """Each answer carries its own user's context, exactly.

    Args:
        startups: The starts; those without an answer have nothing to compare.

    Returns:
        The number of answers with a wrong context, which must be zero; a foreign value is named with its owner.
    """
    metric, limit = "answers with a wrong context", zero(f"promise {promise}: its own user's context")
    answered = [s for s in startups if s.succeeded]
    if not answered:
        return no_evidence(
            promise, metric, limit, f"0 of {plural(len(startups), 'start')} answered; there is no context"
        )
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for startup in startups:
        for key, value in startup.expected.items():
            owners[key, repr(value)].append(startup.user)
    wrong = {s.user: words for s in answered if (words := _wrong_context(s, owners))}
    claim = f"{len(answered) - len(wrong)} of {plural(len(answered), 'answer')} carried their own user's context"
    if wrong:
        claim += "; " + "; ".join(list(wrong.values())[:3])
    bad = [s for s in answered if s.user in wrong]
    blank = [s for s in answered if not s.expected]
    if blank and not wrong:
        claim = f"{len(blank)} of {plural(len(answered), 'answer')} held nothing that tells whose they are"
        return inconclusive(promise, metric, limit, claim, samples=len(answered), tenants=_tenants(blank))
    return judged(promise, metric, float(len(wrong)), limit, len(answered), claim, tenants=_tenants(bad))


def judge_each_start(promise: str, startups: Sequence[Startup], limit: Limit) -> Measurement:
    """Every single successful start is quick enough; the slowest decides."""
    return _slowest(promise, "slowest start", startups, limit, None)


def judge_whole_case(promise: str, took_s: float | None, users: int, limit: Limit) -> Measurement:
    """All starts together, from the first handshake to the last first answer, are over in time.

    Args:
        took_s: Seconds, or None when no answer came.
        users: How many started.
        limit: The longest time.
    """
    metric = "time of all starts together"
    if took_s is None:
        return no_evidence(
            promise, metric, limit, f"The start of {plural(users, 'user')} never ended: nobody was answered"
        )
    value = seconds_as(took_s, limit.unit)
    return judged(
        promise, metric, value, limit, users, f"The start of {plural(users, 'user')} took {amount(value, limit.unit)}"
    )


def judge_start_percentiles(
    promise: str, startups: Sequence[Startup], limits: Mapping[float, Limit]
) -> list[Measurement]:
    """Percentiles of the total time of the starts, and each phase as reported numbers.

    A start that never ended is slower than any time: where there are more of them than a percentile leaves out, it fails.

    Args:
        startups: The starts.
        limits: A limit per quantile, such as ``{0.95: Limit(...), 0.99: Limit(...)}``.

    Returns:
        One measurement per quantile, decided on the maximum when there are too few samples, and one per phase.
    """
    decided = [_slowest(promise, f"start time P{100 * q:g}", startups, limit, q) for q, limit in limits.items()]
    times = {name: [t for s in startups if (t := getattr(s, f"{name}_s")) is not None] for name in PHASES}
    phases = [judge_phase(promise, name.replace("_", " "), seconds) for name, seconds in times.items()]
    return [*decided, *(phase for phase in phases if phase is not None)]


def _why(failed: Sequence[Startup]) -> str:
    if not failed:
        return ""
    steps = Counter(s.broke_at or "an unknown step" for s in failed)
    places = ", ".join(f"'{step}' ({number} x)" for step, number in steps.most_common(3))
    return f"; the chain broke at {places}, of {names((s.user for s in failed), 3)}"


def _tenants(startups: Sequence[Startup]) -> list[str]:
    return list(dict.fromkeys(s.tenant for s in startups))


def _distinct(promise: str, things: str, alive: Sequence[Startup], key: Callable[[Startup], Hashable]) -> Measurement:
    metric, limit = f"shared {things}", zero(f"promise {promise}: things of its own")
    if not alive:
        return no_evidence(promise, metric, limit, f"No start succeeded, so there are no {things}")
    holders: dict[Hashable, list[Startup]] = defaultdict(list)
    for startup in alive:
        holders[key(startup)].append(startup)
    unknown = holders.pop(None, [])
    shared = {name: users for name, users in holders.items() if len(users) > 1}
    claim = f"{plural(len(alive), 'start')} had {len(holders)} different {things}"
    if shared:
        name, users = next(iter(shared.items()))
        claim += f"; '{name}' was shared by {names(s.user for s in users)}"
        involved = [s for group in shared.values() for s in group]
        return judged(promise, metric, float(len(shared)), limit, len(alive), claim, tenants=_tenants(involved))
    if unknown:
        claim += f", but those of {names((s.user for s in unknown), 3)} could not be found"
        return inconclusive(promise, metric, limit, claim, samples=len(alive), tenants=_tenants(unknown))
    return judged(promise, metric, 0.0, limit, len(alive), claim)


def _wrong_context(startup: Startup, owners: Mapping[tuple[str, str], Sequence[str]]) -> str:
    """What is wrong with one answer's context, or empty."""
    if startup.answered is None:
        return f"the answer of '{startup.user}' carried none"
    if startup.foreign_owner:
        return f"the answer of '{startup.user}' held the text of '{startup.foreign_owner}'"
    for key, value in startup.expected.items():
        got = startup.answered.get(key)
        if type(got) is type(value) and got == value:
            continue
        others = [user for user in owners.get((key, repr(got)), []) if user != startup.user]
        whose = f", the value of {names(others, 2)}" if others and got is not None else ""
        return f"'{startup.user}' got {key} {got!r} instead of {value!r}{whose}"
    return ""


def _slowest(promise: str, metric: str, startups: Sequence[Startup], limit: Limit, q: float | None) -> Measurement:
    timed = [s for s in startups if s.succeeded and s.total_s is not None]
    if not timed:
        return no_evidence(promise, metric, limit, f"0 of {plural(len(startups), 'start')} answered; there is no time")
    times = [s.total_s or 0.0 for s in timed]
    slowest = timed[times.index(max(times))]
    failed = [s for s in startups if s not in timed]
    if q is not None and len(failed) > len(startups) * (1.0 - q):  # so many are slower than any time
        claim = f"{len(failed)} of {plural(len(startups), 'start')} never ended, so the time has no end"
        claim += f" (the slowest of the others took {amount(seconds_as(max(times), limit.unit), limit.unit)})"
        return no_evidence(promise, metric, limit, claim, samples=len(startups), tenants=_tenants(failed))
    if q is not None and len(times) >= samples_needed(q):
        value, statistic = percentile(times, q), f"P{100 * q:g} of {plural(len(times), 'start')}"
    else:
        value, statistic = max(times), f"the slowest of {plural(len(times), 'start')}, '{slowest.user}'"
        if q is not None:
            statistic += f"; P{100 * q:g} would need {samples_needed(q):,}"
    value = seconds_as(value, limit.unit)
    late = [s for s in timed if not limit.comparison.holds(seconds_as(s.total_s or 0.0, limit.unit), limit.value)]
    claim = f"A start took {amount(value, limit.unit)} ({statistic})"
    details = {"maximum s": max(times)}
    return judged(promise, metric, value, limit, len(times), claim, tenants=_tenants(late), details=details)
