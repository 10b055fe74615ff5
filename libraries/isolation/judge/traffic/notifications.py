"""Whether subscribers hear exactly what they subscribed to (AR-10).

Principle: what one session causes is known from its own events; a subscription of another session of the same user must
have been told of exactly these, in the same order, numbered 1, 2, 3 ... without a gap, and of nothing else. A session
without a subscription must not be told anything. Exact comparison, no statistics.

Assumption: nothing else happened at the subscribed agents between subscribing and looking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from isolation.judge.rules.verdicts import judged, names, no_evidence, plural, zero
from isolation.record import Measurement
from isolation.record.registry.notifications import Notification, Subscription


def judge_notifications(
    promise: str, subscriptions: Sequence[Subscription], heard: Sequence[Notification]
) -> list[Measurement]:
    """Every subscription is told what it has to be told, and nobody hears anything else.

    Args:
        heard: All notifications of all sessions, each session's in the order of arrival.

    Returns:
        Subscriptions that were told something else than they had to, and notifications without a subscription; both must
        be zero. FAIL when nothing had to be told.
    """
    limit = zero(f"promise {promise}: what was subscribed to, once and in order")
    metrics = ("subscriptions that were told wrongly", "notifications nobody subscribed to")
    due = sum(len(subscription.expected) for subscription in subscriptions)
    if not due:
        return [no_evidence(promise, metric, limit, "No subscription had anything to be told") for metric in metrics]
    told: dict[tuple[str, str], list[Notification]] = defaultdict(list)
    for one in heard:
        told[one.session, one.topic].append(one)
    wrong = {s.session: words for s in subscriptions if (words := _wrong(s, told[s.session, s.topic]))}
    known = {(s.session, s.topic) for s in subscriptions}
    stray = [one for one in heard if (one.session, one.topic) not in known]
    claim = f"{len(subscriptions) - len(wrong)} of {plural(len(subscriptions), 'subscription')} were told of all {due} events"
    claim += f"; {next(iter(wrong.values()))}" if wrong else ""
    strays = f"{len(stray)} of {plural(len(heard), 'notification')} came without a subscription"
    strays += f": {names(f'{one.of} of {one.topic} at {one.session}' for one in stray[:3])}" if stray else ""
    tenants = dict.fromkeys(s.tenant for s in subscriptions if s.session in wrong)
    return [
        judged(promise, metrics[0], float(len(wrong)), limit, due, claim, tenants=tenants),
        judged(
            promise, metrics[1], float(len(stray)), limit, due, strays, tenants=dict.fromkeys(o.tenant for o in stray)
        ),
    ]


def _wrong(subscription: Subscription, told: Sequence[Notification]) -> str:
    """What is wrong with what one subscription was told, or empty."""
    where = f"'{subscription.topic}' at '{subscription.session}'"
    if [one.number for one in told] != list(range(1, len(told) + 1)):
        return f"{where} was numbered {[one.number for one in told][:8]}"
    got = [(one.of, one.agent) for one in told]
    if got == list(subscription.expected):
        return ""
    if len(got) != len(subscription.expected):
        return f"{where} was told of {len(got)} events instead of {len(subscription.expected)}"
    place = next(number for number, (a, b) in enumerate(zip(got, subscription.expected, strict=True)) if a != b)
    return f"{where} was told of {got[place]} instead of {subscription.expected[place]}"
