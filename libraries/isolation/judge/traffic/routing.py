"""Whether every event reaches exactly the session that asked for it, once and in order (CS-4, AR-11).

Principle: exact counting over all events and all sessions, no sampling and no statistics. An event with a correlation
id belongs to the session that sent the operation of that id. It is *misrouted* when it arrives anywhere else, or when it
names an agent whose events go to another user, by half at least (sessions may use the same ids, as real clients do),
*duplicated* when its (session, sequence) or a kind that occurs once per operation comes again, *lost* when an
operation has no final event or a number is missing in a session's sequence, and *reordered* when its number is lower
than one before it or when it comes after the final event of its operation.

Assumptions: events are listed in the order of arrival; correlation ids are unique over the run, or at least reused
only by their own sessions; if events carry sequence numbers, *all* numbered frames of the session are in the list.
Sequence 0 means that the target does not number; then lost and duplicated events in the middle cannot be seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from isolation.judge.rules.verdicts import amount, judged, names, no_evidence, plural, zero
from isolation.record import Limit, Measurement, Operation, Outcome
from isolation.record.concurrent_startup.connections import Connection
from isolation.record.traffic.received_events import ReceivedEvent

_LONGEST_GAP = 10_000
_NOTHING: Mapping[str, Sequence[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that went wrong on the way, as a sentence and whom it concerns."""

    words: str
    tenants: tuple[str, ...]


@dataclass(slots=True)
class Deliveries:
    """What became of all events.

    Attributes:
        right: Events with a correlation id that reached their session, once and in order.
        misrouted: Events that reached a session that did not ask.
        duplicated: Events that came again.
        lost: Operations without a final event, and gaps in sequences.
        reordered: Events that came after a later one.
    """

    right: int = 0
    misrouted: list[Fault] = field(default_factory=list)
    duplicated: list[Fault] = field(default_factory=list)
    lost: list[Fault] = field(default_factory=list)
    reordered: list[Fault] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, list[Fault]]:
        """The faults by their kind in words."""
        return {
            "misrouted": self.misrouted,
            "duplicated": self.duplicated,
            "lost": self.lost,
            "reordered": self.reordered,
        }


def judge_routing(
    promise: str,
    operations: Sequence[Operation],
    events: Sequence[ReceivedEvent],
    final_kinds: Collection[str],
    once_kinds: Collection[str],
    limit: Limit,
    due: Mapping[str, Sequence[str]] = _NOTHING,
) -> list[Measurement]:
    """Hold the accuracy of routing, and each kind of fault, against their limits.

    Args:
        operations: All operations that were sent.
        events: All events that all sessions received, each session's in the order of arrival.
        final_kinds: Kinds of event that end an operation.
        once_kinds: Kinds that occur once per operation, besides the final ones.
        limit: The accuracy, exactly 100 per cent.
        due: The events that an answered operation has to have, by its kind. Numbers that the target gives itself do not
            show an event that was left out before it was numbered.

    Returns:
        The accuracy (right events over right ones and faults) and the four counts of faults, which must be zero.
    """
    sent = [o for o in operations if o.outcome is not Outcome.NOT_SENT]
    found = trace(sent, events, final_kinds, once_kinds, due)
    faults = [fault for group in found.faults.values() for fault in group]
    total = found.right + len(faults)
    words = f"{found.right:,} of {plural(total, 'event')} of {plural(len(sent), 'operation')} arrived as they should"
    metric = "routing accuracy"
    counts = [_count(promise, kind, group, total) for kind, group in found.faults.items()]
    if found.right == 0:
        return [no_evidence(promise, metric, limit, words, samples=total, tenants=_tenants(faults)), *counts]
    accuracy = 100.0 * found.right / total
    if faults:
        words += f" ({amount(accuracy, '%')}); first fault: {faults[0].words}"
    return [judged(promise, metric, accuracy, limit, total, words, tenants=_tenants(faults)), *counts]


def trace(
    operations: Sequence[Operation],
    events: Sequence[ReceivedEvent],
    final_kinds: Collection[str],
    once_kinds: Collection[str] = (),
    due: Mapping[str, Sequence[str]] = _NOTHING,
) -> Deliveries:
    """Follow every event from its operation to where it arrived; arguments as in `judge_routing`."""
    found = Deliveries()
    askers: dict[str, set[str] | tuple[str]] = {}
    asker_tenant: dict[str, str] = {}
    for operation in operations:
        others = askers.get(operation.correlation_id)
        if others is None:
            askers[operation.correlation_id] = (operation.session,)
        elif isinstance(others, set):
            others.add(operation.session)
        else:
            askers[operation.correlation_id] = {*others, operation.session}
        asker_tenant[operation.correlation_id] = operation.tenant
    by_session: dict[str, list[ReceivedEvent]] = defaultdict(list)
    for event in events:
        by_session[event.session].append(event)
    ended: set[tuple[str, str]] = set()
    owners = _owners(events)
    for received in by_session.values():
        _trace_session(received, askers, asker_tenant, final_kinds, {*once_kinds, *final_kinds}, ended, found, owners)
    for operation in operations:
        if (operation.session, operation.correlation_id) not in ended:
            words = f"operation '{operation.correlation_id}' of '{operation.user}' got no final event"
            found.lost.append(Fault(words, (operation.tenant,)))
    found.lost.extend(_never_came(operations, events, due))
    return found


def judge_connections(
    promise: str,
    connections: Sequence[Connection],
    expected: int,
    limit: Limit,
    in_time: Limit,
    clean_codes: Collection[int] = (1000,),
) -> list[Measurement]:
    """All connections open, stay, and close cleanly.

    Args:
        connections: One per session that was tried.
        expected: How many should have been open at the same time.
        limit: The number of dropped connections, exactly zero.
        in_time: The number of those that did not open within the time for it, exactly zero; a busy machine excuses it.
        clean_codes: Close codes of a clean end.

    Returns:
        Connections that did not open, that were dropped, and that did not close cleanly; each must be zero.
    """
    opened = [c for c in connections if c.opened]
    dropped = [c for c in opened if c.dropped]
    missing = max(0, expected - len(opened))
    unclean = [c for c in opened if not c.dropped and c.close_code not in clean_codes]
    if not opened:
        claim = f"0 of {plural(expected, 'connection')} opened"
        return [no_evidence(promise, "dropped connections", limit, claim)]
    claim = f"{len(dropped)} of {plural(len(opened), 'connection')} were dropped"
    if dropped:
        claim += f" ({names(c.session for c in dropped)})"
    ends = f"{len(opened) - len(dropped) - len(unclean)} of {plural(len(opened), 'connection')} closed cleanly"
    if unclean:
        ends += f"; '{unclean[0].session}' ended with code {unclean[0].close_code}"
    shut = [c.tenant for c in connections if not c.opened]
    clean = zero(f"promise {promise}: closed cleanly")
    return [
        judged(
            promise, "connections that did not open", float(missing), in_time, expected,
            f"{missing} of {plural(expected, 'connection')} did not open in time", tenants=dict.fromkeys(shut),
        ),
        judged(
            promise, "dropped connections", float(len(dropped)), limit, len(opened), claim,
            tenants=dict.fromkeys(c.tenant for c in dropped),
        ),
        judged(
            promise, "connections not closed cleanly", float(len(unclean)), clean, len(opened), ends,
            tenants=dict.fromkeys(c.tenant for c in unclean),
        ),
    ]  # fmt: skip


def _owners(events: Sequence[ReceivedEvent]) -> dict[str, tuple[str, str]]:
    """To whom (user, tenant) at least half of the events of each agent went, of two the one who was told first."""
    went: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for event in events:
        if event.agent:
            went[event.agent][event.user, event.tenant] += 1
    most = {agent: users.most_common(1)[0] for agent, users in went.items()}
    return {agent: owner for agent, (owner, number) in most.items() if 2 * number >= went[agent].total()}


def _never_came(
    operations: Sequence[Operation], events: Sequence[ReceivedEvent], due: Mapping[str, Sequence[str]]
) -> Iterable[Fault]:
    """The events that answered operations should have had and did not."""
    came: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for event in events if due else ():
        came[event.session, event.correlation_id][event.kind] += 1
    for operation in operations:
        if operation.answered and operation.kind in due:
            missing = Counter(due[operation.kind]) - came[operation.session, operation.correlation_id]
            for kind, number in missing.items():
                words = f"'{kind}' of '{operation.correlation_id}' never came at '{operation.user}'"
                yield from [Fault(words, (operation.tenant,))] * number


def _trace_session(
    received: Sequence[ReceivedEvent],
    askers: Mapping[str, Collection[str]],
    asker_tenant: dict[str, str],
    final_kinds: Collection[str],
    once_kinds: Collection[str],
    ended: set[tuple[str, str]],
    found: Deliveries,
    owners: Mapping[str, tuple[str, str]],
) -> None:
    """Sort the events of one session; `ended` collects (session, correlation id) of final events."""
    highest, numbers, once = 0, set[int](), set[tuple[str, str]]()
    for event in received:
        key = (event.session, event.correlation_id)
        asked = not event.correlation_id or event.session in askers.get(event.correlation_id, ())
        if not asked:
            found.misrouted.append(_asked_by_others(event, asker_tenant.get(event.correlation_id, "")))
        elif event.agent in owners and owners[event.agent][0] != event.user:
            owner = owners[event.agent][1]
            found.misrouted.append(Fault(f"{_named(event)} belongs to an agent of '{owner}'", (event.tenant, owner)))
            numbers.add(event.sequence)
            highest = max(highest, event.sequence)
            continue
        elif (event.sequence and event.sequence in numbers) or (
            event.correlation_id
            and (
                (event.kind in once_kinds and (event.correlation_id, event.kind) in once)
                or (event.kind in final_kinds and key in ended)
            )
        ):
            found.duplicated.append(Fault(f"{_named(event)} came again", (event.tenant,)))
        elif event.sequence and event.sequence < highest:
            found.reordered.append(Fault(f"{_named(event)} came after number {highest}", (event.tenant,)))
        elif event.correlation_id and key in ended:
            words = f"{_named(event)} came after the final event of its operation"
            found.reordered.append(Fault(words, (event.tenant,)))
        elif event.correlation_id:
            found.right += 1
        if event.correlation_id and asked:
            once.add((event.correlation_id, event.kind))
            if event.kind in final_kinds:
                ended.add(key)
        numbers.add(event.sequence)
        highest = max(highest, event.sequence)
    found.lost.extend(_gaps(received, numbers, highest))


def _named(event: ReceivedEvent) -> str:
    return f"'{event.kind}' number {event.sequence} of '{event.correlation_id}' at '{event.user}'"


def _asked_by_others(event: ReceivedEvent, owner: str) -> Fault:
    words = f"{_named(event)} was asked for by {repr(owner) if owner else 'nobody'}"
    return Fault(words, (event.tenant, owner) if owner and owner != event.tenant else (event.tenant,))


def _gaps(received: Sequence[ReceivedEvent], numbers: Collection[int], highest: int) -> Iterable[Fault]:
    """The numbers that never came; where very many are missing at a stretch, the stretch as one: the platform chooses the numbers."""
    before = 0
    for number in sorted(one for one in {*numbers, highest} if one > 0):
        missing = range(before + 1, number)
        before = number
        at = f"never came at '{received[0].user}'"
        if len(missing) > _LONGEST_GAP:
            yield Fault(f"numbers {missing[0]} to {missing[-1]} {at}", (received[0].tenant,))
        else:
            yield from (Fault(f"number {one} {at}", (received[0].tenant,)) for one in missing)


def _count(promise: str, kind: str, faults: Sequence[Fault], total: int) -> Measurement:
    metric, limit = f"{kind} events", zero(f"promise {promise}: exactly once and in order")
    if total == 0:
        return no_evidence(promise, metric, limit, "No event was received")
    claim = f"{len(faults):,} of {plural(total, 'event')} were {kind}"
    if faults:
        claim += ": " + "; ".join(fault.words for fault in faults[:3])
    return judged(promise, metric, float(len(faults)), limit, total, claim, tenants=_tenants(faults))


def _tenants(faults: Iterable[Fault]) -> list[str]:
    return list(dict.fromkeys(tenant for fault in faults for tenant in fault.tenants))
