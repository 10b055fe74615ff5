"""Whether the events of every request are complete and in the promised order (AR-11, AR-17).

Principle: a platform numbers what it sends, so numbers alone do not notice an event that was left out, doubled or moved
*before* it was numbered. The kinds of event of each answered request, in the order of arrival, are therefore compared with
the promised sequence, to the letter.

Assumption: every event carries the correlation id of its request. Requests that were not answered are left to the judge of
routing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from isolation.judge.rules.verdicts import judged, no_evidence, plural, zero
from isolation.record import Measurement, Operation
from isolation.record.traffic.received_events import ReceivedEvent


def judge_event_order(
    promise: str, operations: Sequence[Operation], events: Sequence[ReceivedEvent], expected: Sequence[str]
) -> Measurement:
    """Each answered request has exactly the expected events, in their order, at the session that asked.

    Args:
        operations: Requests of one kind of work.
        events: All events of all sessions, each session's in the order of arrival.
        expected: The promised kinds of event.

    Returns:
        The number of requests with other events, which must be zero; FAIL when no request was answered.
    """
    metric, limit = "requests with missing, doubled or moved events", zero(f"promise {promise}: exactly once, in order")
    answered = [operation for operation in operations if operation.answered]
    if not answered:
        return no_evidence(promise, metric, limit, f"0 of {plural(len(operations), 'request')} were answered")
    kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event in events:
        if event.correlation_id:
            kinds[event.session, event.correlation_id].append(event.kind)
    wrong = [o for o in answered if kinds[o.session, o.correlation_id] != list(expected)]
    claim = f"{len(answered) - len(wrong):,} of {plural(len(answered), 'request')} had their {len(expected)} events in order"
    if wrong:
        first = wrong[0]
        got = kinds[first.session, first.correlation_id]
        claim += f"; '{first.correlation_id}' of '{first.tenant}': {_difference(expected, got)}"
    tenants = dict.fromkeys(operation.tenant for operation in wrong)
    return judged(promise, metric, float(len(wrong)), limit, len(answered), claim, tenants=tenants)


def _difference(expected: Sequence[str], got: Sequence[str]) -> str:
    missing, extra = Counter(expected) - Counter(got), Counter(got) - Counter(expected)
    if missing or extra:
        parts = [f"'{kind}' never came" for kind in missing] + [
            f"'{kind}' came {n} x too often" for kind, n in extra.items()
        ]
        return ", ".join(parts)
    place = next(number for number, (a, b) in enumerate(zip(expected, got, strict=True)) if a != b)
    return f"'{got[place]}' came before '{expected[place]}'"
