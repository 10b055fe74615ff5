"""Whether incidents that happened to others can happen here: answers after a cancellation, cached answers, storms (CS-2).

Principles: every request carries a text of its own, so the right answer to it is known exactly; a single answer that
belongs to another request is a FAIL. A cancelled request is proven by its own cancellation; one that had ended before is
no probe. Two durations are compared by the rule of `isolation.judge.access.timing`; the same test must find the
platform's own cache, or it proves nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from isolation.judge.access.timing import TimingRule
from isolation.judge.rules.statistics import rule_of_three
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, plural, zero
from isolation.record import Comparison, Limit, Measurement, Outcome
from isolation.record.traffic.exchanges import Exchange, LateFrame, Return


def judge_cancelled(promise: str, exchanges: Sequence[Exchange], late: Sequence[LateFrame]) -> Measurement:
    """Nothing of a cancelled request arrives anywhere after its cancellation.

    Args:
        exchanges: Requests that were to be cancelled; each has a correlation id that nothing else carries.
        late: Frames of cancelled requests that came after their cancellation.

    Returns:
        How many frames belonged to a cancelled request afterwards, which must be zero; INCONCLUSIVE when nothing was cancelled.
    """
    metric, limit = "answers after their cancellation", zero(f"promise {promise}: cancelled is cancelled")
    cancelled = [e for e in exchanges if e.outcome is Outcome.CANCELLED and e.ended_at is not None]
    if not cancelled:
        claim = f"None of {plural(len(exchanges), 'request')} was cancelled while it was in flight"
        return inconclusive(promise, metric, limit, claim, samples=len(exchanges))
    bound = rule_of_three(len(cancelled))
    claim = f"{plural(len(cancelled), 'request')} were cancelled in flight and nothing of them came later"
    claim += f" (true rate below {bound:.2g}, 95 %)"
    if late:
        first = late[0]
        claim = f"{plural(len(late), 'frame')} came after the cancellation of {plural(len(cancelled), 'request')}; the first"
        claim += f", of '{first.tenant}', reached '{first.session}' {amount(1000 * first.delay_s, 'ms')} later"
    tenants = dict.fromkeys(name for frame in late for name in (frame.tenant, frame.seer))
    return judged(promise, metric, float(len(late)), limit, len(cancelled), claim, tenants=tenants)


def judge_own_answers(promise: str, occasion: str, exchanges: Sequence[Exchange]) -> Measurement:
    """Every request got the answer to itself: its own text, and its own user where the answer names one.

    Args:
        occasion: When this was, such as ``after a cancellation``.
        exchanges: What was asked and got.

    Returns:
        How many answers belonged to another request, which must be zero; INCONCLUSIVE when some got no answer.
    """
    metric, limit = f"wrong answers {occasion}", zero(f"promise {promise}: everybody gets the own answer")
    answered = [e for e in exchanges if e.outcome is Outcome.ANSWERED]
    if not answered:
        return no_evidence(promise, metric, limit, f"0 of {plural(len(exchanges), 'request')} {occasion} were answered")
    wrong = [e for e in answered if not e.own]
    claim = f"{len(answered) - len(wrong)} of {plural(len(answered), 'answer')} {occasion} were the right ones"
    if wrong:
        claim += f"; '{wrong[0].tenant}' got the answer to another request over '{wrong[0].session}'"
        tenants = dict.fromkeys(e.tenant for e in wrong)
        return judged(promise, metric, float(len(wrong)), limit, len(answered), claim, tenants=tenants)
    missing = [e for e in exchanges if e.outcome is not Outcome.ANSWERED]
    if missing:
        ends = Counter(f"{e.occasion}: {e.outcome} {e.code}".strip() for e in missing)
        told = ", ".join(f"{end} ({count} x)" for end, count in ends.most_common(3))
        claim += f", but {plural(len(missing), 'request')} got none ({told})"
        return inconclusive(promise, metric, limit, claim, value=0.0, samples=len(answered))
    return judged(promise, metric, 0.0, limit, len(answered), claim)


def judge_cache_content(promise: str, exchanges: Sequence[Exchange]) -> Measurement:
    """Nobody gets an answer that was made for somebody else.

    Args:
        exchanges: The same questions by their first askers, by these again, and by strangers.

    Returns:
        How many strangers' answers came from the cache or name somebody else, which must be zero; INCONCLUSIVE when the
        first askers were never answered from the cache themselves, so that there may be none.
    """
    metric, limit = "cached answers of somebody else", zero(f"promise {promise}: no shared answers")
    strangers = [e for e in exchanges if e.occasion.startswith("foreign") and e.outcome is Outcome.ANSWERED]
    if not strangers:
        return no_evidence(promise, metric, limit, "No question was asked by a second tenant")
    leaks = [e for e in strangers if e.cached or e.others]
    own_hits = sum(e.cached for e in exchanges if e.occasion == "own, again")
    claim = f"0 of {plural(len(strangers), 'answer')} to strangers were made for somebody else"
    if leaks:
        named = list(leaks[0].others)
        of = f"names '{named[0]}'" if named else "came from a cache at the first asking"
        claim = f"{len(leaks)} of {plural(len(strangers), 'answer')} were made for somebody else: "
        claim += f"one to '{leaks[0].tenant}' {of}"
        tenants = dict.fromkeys([*named, *(e.tenant for e in leaks)])
        return judged(promise, metric, float(len(leaks)), limit, len(strangers), claim, tenants=tenants)
    if not own_hits:
        claim += ", but no asker was ever answered from the cache, so there may be no cache at all"
        return inconclusive(promise, metric, limit, claim, value=0.0, samples=len(strangers))
    claim += f"; the askers themselves were answered from the cache {own_hits} times"
    return judged(promise, metric, 0.0, limit, len(strangers), claim)


def judge_cache_timing(promise: str, exchanges: Sequence[Exchange], rule: TimingRule) -> list[Measurement]:
    """A stranger cannot tell by the time of the answer whether somebody else has asked the question.

    Args:
        exchanges: As for `judge_cache_content`.
        rule: When two sets of durations differ.

    Returns:
        Whether the times of known and of new questions differ for strangers (0 or 1, which must be zero), and the
        control: the same test on the first askers' own first and second times, which must differ.
    """
    metric, limit = "cache hits that strangers can time", zero(f"promise {promise}: same time")
    times = {occasion: _times(exchanges, occasion) for occasion in {e.occasion for e in exchanges}}
    known, new = times.get("foreign, asked before", []), times.get("foreign, never asked", [])
    control = _control(promise, times.get("own, first time", []), times.get("own, again", []), rule)
    if not known or not new:
        return [no_evidence(promise, metric, limit, "No question was asked by a second tenant"), control]
    samples = len(known) + len(new)
    if min(len(known), len(new)) < rule.enough:
        claim = f"Only {min(len(known), len(new))} answers of each kind; {rule.enough} are needed to compare times"
        return [inconclusive(promise, metric, limit, claim, samples=samples), control]
    words = rule.difference(known, new)
    medians = f"{amount(1000 * float(np.median(known)), 'ms')} and {amount(1000 * float(np.median(new)), 'ms')}"
    claim = f"Questions that others have asked and new ones take a stranger the same time (medians {medians})"
    if words:
        claim = f"Questions that others have asked are {words} for a stranger (medians {medians})"
    return [judged(promise, metric, float(bool(words)), limit, samples, claim), control]


def judge_broadcast(promise: str, heard: Mapping[str, int]) -> Measurement:
    """What is meant for everybody reaches everybody, exactly once.

    Args:
        heard: How often each session that was open heard it.

    Returns:
        How many sessions did not receive it exactly once, which must be zero.
    """
    metric, limit = "sessions without exactly one announcement", zero(f"promise {promise}: to all, once")
    if not any(heard.values()):
        return no_evidence(promise, metric, limit, f"0 of {plural(len(heard), 'session')} heard the announcement")
    odd = [session for session, times in heard.items() if times != 1]
    claim = f"{len(heard) - len(odd)} of {plural(len(heard), 'session')} heard the announcement exactly once"
    if odd:
        claim += f"; '{odd[0]}' heard it {heard[odd[0]]} times"
    return judged(promise, metric, float(len(odd)), limit, len(heard), claim)


def judge_left_in_the_middle(
    promise: str, left: Sequence[Exchange], finds: Sequence[Exchange], share: Limit
) -> list[Measurement]:
    """A control of the newcomers' case: work was really under way, and the newcomers could really look.

    Args:
        left: Requests whose users left while they were worked on.
        finds: What the newcomers asked about themselves and what is kept for them.
        share: The least share of both that proves anything.

    Returns:
        The share of the requests that were under way, and of the looks that were answered where the target offers any;
        INCONCLUSIVE when too few were.
    """
    under_way = sum(e.taken_up and e.outcome is not Outcome.ANSWERED for e in left)
    looked = sum(e.outcome is Outcome.ANSWERED for e in finds)
    metric, words = "control: work under way", "requests were worked on when their users left"
    found = [_enough(promise, metric, under_way, len(left), words, share)]
    if finds:
        words = "looks of newcomers were answered"
        found.append(_enough(promise, "control: looks of newcomers", looked, len(finds), words, share))
    return found


def _enough(promise: str, metric: str, some: int, of: int, words: str, limit: Limit) -> Measurement:
    share, claim = 100.0 * some / max(1, of), f"{some} of {of} {words}"
    if not limit.comparison.holds(share, limit.value):
        return inconclusive(promise, metric, limit, claim, value=share, samples=of, control=True)
    return judged(promise, metric, share, limit, of, claim, control=True)


def judge_resumed(promise: str, returns: Sequence[Return], share: Limit) -> list[Measurement]:
    """Whoever came back after a storm must have been able to take up its own session again.

    Args:
        returns: How each one came back.
        share: The least share of sessions that must have sent something again.

    Returns:
        Sessions that could not be taken up, which must be zero; and a control: a session that is taken up sends again
        what was said in it. Where that does not happen, nothing could be sent to the wrong one either.
    """
    metric, limit = (
        "sessions that could not be taken up again",
        zero(f"promise {promise}: everybody has its own session"),
    )
    tried = [r for r in returns if r.resumed is not None]
    if not tried:
        return [no_evidence(promise, metric, limit, "Nobody tried to take up a session again")]
    out = [r for r in tried if not r.resumed]
    claim = f"{len(tried) - len(out)} of {plural(len(tried), 'user')} took up the own session again"
    decided = judged(promise, metric, float(len(out)), limit, len(tried), claim, tenants=[r.tenant for r in out])
    again, words = sum(r.replayed > 0 for r in tried), "users were sent again what had been said before the storm"
    return [decided, _enough(promise, "control: sessions sent again", again, len(tried), words, share)]


def judge_storm(promise: str, returns: Sequence[Return], limit: Limit) -> Measurement:
    """Everybody who was cut off comes back in time.

    Args:
        returns: How each one came back.
        limit: The longest time for all.

    Returns:
        When the last one was back; FAIL when somebody was not let in again.
    """
    metric = "time until everybody was back"
    if not returns:
        return no_evidence(promise, metric, limit, "Nobody was cut off")
    back = [r.seconds for r in returns if r.seconds is not None]
    out = [r for r in returns if r.seconds is None]
    claim = f"{len(back)} of {plural(len(returns), 'user')} were back after all connections had been cut at once"
    if out:
        claim += f"; not {names(r.tenant for r in out)} ({out[0].reason})"
        return no_evidence(promise, metric, limit, claim, samples=len(returns), tenants=[r.tenant for r in out])
    return judged(promise, metric, max(back), limit, len(back), f"{claim}, the last after {amount(max(back), 's')}")


def _control(promise: str, first: Sequence[float], again: Sequence[float], rule: TimingRule) -> Measurement:
    metric = "own cache hits that the same test finds"
    limit = Limit(value=1, unit="", comparison=Comparison.EXACTLY, source="the suite's own")
    samples = len(first) + len(again)
    if min(len(first), len(again)) < rule.enough:
        claim = f"Only {min(len(first), len(again))} answers of each kind; {rule.enough} are needed"
        return inconclusive(promise, metric, limit, claim, samples=samples, control=True)
    words = rule.difference(again, first)
    if not words:
        claim = "The test does not see the platform's own cache, so it would not see a shared one either"
        return inconclusive(promise, metric, limit, claim, value=0.0, samples=samples, control=True)
    claim = f"The same test sees that an asker's second time is {words} than its first"
    return judged(promise, metric, 1.0, limit, samples, claim, control=True)


def _times(exchanges: Sequence[Exchange], occasion: str) -> list[float]:
    return [e.seconds for e in exchanges if e.occasion == occasion and e.outcome is Outcome.ANSWERED]
