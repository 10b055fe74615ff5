"""Whether every door is shut for strangers and open for those who may (CS-2, AR-4, AR-14).

Principle: a matrix of probes: each operation on each owner's things, tried by the owner, by others and by nobody.
What must be denied has to be refused *and* without effect. A denial proves something only beside an *allowed twin*:
the same operation by somebody who may. A twin that is refused is a FAIL (the operation does not work, whatever it
denies); a twin that is missing or got no answer makes the denials INCONCLUSIVE.

A refusal must not reveal whether the thing exists (existence oracle): refusals for foreign things and for unknown
things must have the same code and the same length (of the median reply, within a tolerance for ids and numbers), and
take the same time (see `isolation.judge.access.timing`).

Assumption: foreign and unknown probes were sent in random order, over the same sessions, with ids of the same length.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np
from scipy import stats

from isolation.judge.access.timing import TimingRule, timing_rule
from isolation.judge.rules.statistics import rule_of_three
from isolation.judge.rules.verdicts import inconclusive, judged, names, no_evidence, not_applicable, plural, zero
from isolation.record import Measurement, Outcome
from isolation.record.access.probes import MADE_ANEW, DoorProbe, Expected, Relation, Rule
from isolation.record.concurrent_startup.doors import DoorTrialsRecord
from isolation.record.limits import Limits


def judge_forbidden(promise: str, record: DoorTrialsRecord, limits: Limits) -> list[Measurement]:
    """Nobody but who may gets at a thing, every positive control works, and no operation was left out."""
    probes = record.matrix
    return [judge_denials(promise, probes), judge_twins(promise, probes)]


def judge_all_operations_tried(promise: str, record: DoorTrialsRecord, limits: Limits) -> list[Measurement]:
    """Every request of the target file that can address a thing was tried."""
    return [judge_coverage(promise, record.matrix, record.uncovered)]


def judge_existence_hidden(promise: str, record: DoorTrialsRecord, limits: Limits) -> list[Measurement]:
    """Refusals for another user's things and for things that do not exist look the same and take the same time."""
    tolerance = int(limits["length difference"].value)
    return [
        judge_oracle(promise, record.matrix, tolerance, limits["timing significance"].value),
        judge_timing(promise, record.matrix, timing_rule(limits)),
    ]


def judge_rule(promise: str, record: DoorTrialsRecord, limits: Limits, *, rule: str) -> list[Measurement]:
    """One of the rules that every interface to things should keep (`Rule`)."""
    probes = [probe for probe in record.rules if probe.rule == Rule(rule)]
    if not probes:
        metric, limit = "forbidden requests that got through", zero(f"promise {promise}: refused and without effect")
        if lacks := record.not_offered.get(rule):
            return [not_applicable(promise, metric, lacks)]
        return [inconclusive(promise, metric, limit, f"Nothing could be tried {rule}")]
    return [judge_denials(promise, probes), judge_twins(promise, probes)]


def judge_coverage(promise: str, probes: Sequence[DoorProbe], uncovered: Sequence[str]) -> Measurement:
    """Every operation that can address a thing was tried.

    Args:
        uncovered: Operations that the target has and nobody tried.

    Returns:
        How many were not tried, which must be zero; INCONCLUSIVE when some were not: the suite has not tried them.
    """
    metric, limit = "operations that nobody tried", zero(f"promise {promise}: every operation")
    tried = sorted({probe.operation for probe in probes})
    if not tried:
        return no_evidence(promise, metric, limit, "No operation was tried")
    claim = f"{plural(len(tried), 'operation')} were tried"
    if uncovered:
        claim += f", but not {names(uncovered)}, which can address things too"
        return inconclusive(promise, metric, limit, claim, value=float(len(uncovered)), samples=len(probes))
    return judged(promise, metric, 0.0, limit, len(probes), claim)


def judge_denials(promise: str, probes: Sequence[DoorProbe]) -> Measurement:
    """Every probe that must be denied was refused and had no effect.

    Returns:
        The number that got through, which must be zero; INCONCLUSIVE when some were neither refused nor answered, or
        when an operation has no allowed twin that worked.
    """
    metric, limit = "forbidden requests that got through", zero(f"promise {promise}: refused and without effect")
    denied = [p for p in probes if p.expected is Expected.DENY]
    if not denied:
        return no_evidence(promise, metric, limit, "No forbidden request was tried")
    through = [p for p in denied if p.outcome is Outcome.ANSWERED or p.effect_verified is False]
    # Who was answered got in; a change beside it may be the work of the same request, or of another one.
    through.sort(key=lambda probe: probe.outcome is not Outcome.ANSWERED)
    bound = rule_of_three(len(denied))
    if through:
        first = through[0]
        how = "was answered" if first.outcome is Outcome.ANSWERED else "was refused, but changed something"
        claim = (
            f"{len(through)} of {plural(len(denied), 'forbidden request')} got through: {first.words} {how}; "
            f"operations: {names(dict.fromkeys(p.operation for p in through))}"
        )
        tenants = dict.fromkeys(t for p in through for t in (p.owner, p.caller) if t)
        return judged(promise, metric, float(len(through)), limit, len(denied), claim, tenants=tenants)
    claim = f"{plural(len(denied), 'forbidden request')} were refused (true rate below {bound:.2g}, 95 %)"
    open_ended = [p for p in denied if p.outcome is not Outcome.REFUSED]
    working = {p.operation for p in probes if _worked(p)}
    unproven = sorted({p.operation for p in denied} - working)
    if open_ended:
        first = open_ended[0]
        claim = f"{len(open_ended)} of {plural(len(denied), 'forbidden request')} got no reply: {first.words}"
        claim += f" was {first.outcome}"
        return inconclusive(promise, metric, limit, claim, samples=len(denied))
    if unproven:
        claim += f", but no allowed twin of {names(unproven)} worked, so these denials prove nothing"
        return inconclusive(promise, metric, limit, claim, value=0.0, samples=len(denied))
    details = {"upper bound of the rate (95 %)": bound}
    return judged(promise, metric, 0.0, limit, len(denied), claim, details=details)


def judge_twins(promise: str, probes: Sequence[DoorProbe]) -> Measurement:
    """Every probe that must be allowed was answered and had its effect; a control of the denials.

    Returns:
        The number of allowed requests that were refused or had no effect, which must be zero; INCONCLUSIVE when one got
        no reply at all, or when none was tried.
    """
    metric, limit = "allowed requests that were refused", zero(f"promise {promise}: allowed twins work")
    allowed = [p for p in probes if p.expected is Expected.ALLOW]
    if not allowed:
        claim = "No allowed twin was tried, so no denial proves anything"
        if not probes:
            return no_evidence(promise, metric, limit, claim)
        return inconclusive(promise, metric, limit, claim, control=True)
    refused = [p for p in allowed if p.outcome is Outcome.REFUSED or p.effect_verified is False]
    if refused:
        first = refused[0]
        how = f"with '{first.code}'" if first.outcome is Outcome.REFUSED else "in effect"
        claim = f"{len(refused)} of {plural(len(allowed), 'allowed request')} were refused: {first.words} {how}"
        owners = dict.fromkeys(p.owner for p in refused)
        return judged(promise, metric, float(len(refused)), limit, len(allowed), claim, tenants=owners, control=True)
    silent_ones = [p for p in allowed if p.outcome is not Outcome.ANSWERED]
    if silent_ones:
        first = silent_ones[0]
        claim = f"{len(silent_ones)} of {plural(len(allowed), 'allowed request')} got no reply: {first.words}"
        return inconclusive(promise, metric, limit, f"{claim} was {first.outcome}", samples=len(allowed))
    claim = f"{plural(len(allowed), 'allowed request')} were answered"
    return judged(promise, metric, 0.0, limit, len(allowed), claim, control=True)


def judge_oracle(promise: str, probes: Sequence[DoorProbe], tolerance: int, level: float = 0.0) -> Measurement:
    """Refusals for foreign and for unknown things must look the same.

    Args:
        probes: All probes; only operations with both kinds of refusal can be compared.
        tolerance: How many bytes the median lengths may differ.
        level: Of significance, where refusals of unknown things differ among themselves; without one, only what never overlaps tells.

    Returns:
        The number of operations whose refusals differ in code or length, which must be zero.
    """
    metric, limit = "refusals that reveal existence", zero(f"promise {promise}: refusals look the same")
    pairs = _refusals(probes)
    if not pairs:
        return inconclusive(promise, metric, limit, "No operation was tried on both a foreign and an unknown thing")
    revealing = [
        words for operation, pair in pairs.items() if (words := _difference(operation, *pair, tolerance, level))
    ]
    claim = f"Refusals of {plural(len(pairs), 'operation')} look the same for foreign and unknown things"
    if not revealing and (nothing := _tells_nothing(probes, pairs)):
        return inconclusive(promise, metric, limit, nothing, value=0.0)
    if revealing:
        claim = f"{len(revealing)} of {plural(len(pairs), 'operation')} reveal existence: {'; '.join(revealing[:3])}"
    return judged(promise, metric, float(len(revealing)), limit, sum(len(f) + len(u) for f, u in pairs.values()), claim)


def judge_timing(promise: str, probes: Sequence[DoorProbe], rule: TimingRule) -> Measurement:
    """Refusals for foreign and for unknown things must take the same time.

    Args:
        probes: All probes; only operations with enough refusals of both kinds can be compared.
        rule: When two sets of durations differ.

    Returns:
        The number of operations whose refusals differ in time, which must be zero; INCONCLUSIVE without enough probes.
    """
    metric, limit = "refusals whose time reveals existence", zero(f"promise {promise}: refusals take the same time")
    pairs = _refusals(probes)
    enough = {operation: pair for operation, pair in pairs.items() if min(map(len, pair)) >= rule.enough}
    if not enough:
        fewest = max((min(map(len, pair)) for pair in pairs.values()), default=0)
        claim = (
            f"At most {plural(fewest, 'refusal')} of each kind per operation; {rule.enough} are needed to compare times"
        )
        return inconclusive(promise, metric, limit, claim, samples=sum(len(f) + len(u) for f, u in pairs.values()))
    # Twenty tests at one level would be wrong in one healthy run of fifty (Bonferroni).
    stricter = rule.for_tests(len(enough))
    slow = [words for operation, pair in enough.items() if (words := _delay(operation, *pair, stricter))]
    samples = sum(len(f) + len(u) for f, u in enough.values())
    claim = f"Refusals of {plural(len(enough), 'operation')} took the same time for foreign and unknown things"
    if not slow and (nothing := _tells_nothing(probes, enough)):
        return inconclusive(promise, metric, limit, nothing, value=0.0, samples=samples)
    if slow:
        claim = f"{len(slow)} of {plural(len(enough), 'operation')} reveal existence by time: {'; '.join(slow[:3])}"
    return judged(promise, metric, float(len(slow)), limit, samples, claim)


def _worked(probe: DoorProbe) -> bool:
    allowed = probe.expected is Expected.ALLOW and probe.outcome is Outcome.ANSWERED
    return allowed and probe.effect_verified is not False


def _refusals(probes: Sequence[DoorProbe]) -> dict[str, tuple[list[DoorProbe], list[DoorProbe]]]:
    """Per operation the refusals of foreign and of unknown things, where there are both."""
    foreign: dict[str, list[DoorProbe]] = defaultdict(list)
    unknown: dict[str, list[DoorProbe]] = defaultdict(list)
    for probe in probes:
        if probe.outcome is not Outcome.REFUSED or probe.expected is not Expected.DENY or probe.code == MADE_ANEW:
            continue
        if probe.relation in (Relation.FOREIGN, Relation.SAME_TENANT):
            foreign[probe.operation].append(probe)
        elif probe.relation is Relation.UNKNOWN_ID:
            unknown[probe.operation].append(probe)
    return {operation: (foreign[operation], unknown[operation]) for operation in foreign if operation in unknown}


def _tells_nothing(probes: Sequence[DoorProbe], operations: Collection[str]) -> str:
    """Why alike refusals show nothing: none of these operations gave even the owner anything; empty when one did."""
    if any(_worked(probe) for probe in probes if probe.operation in operations):
        return ""
    return f"No allowed twin of {names(sorted(operations))} worked, so that they refuse all alike proves nothing"


def _difference(
    operation: str, foreign: Sequence[DoorProbe], unknown: Sequence[DoorProbe], tolerance: int, level: float
) -> str:
    codes = [[p.code for p in side] for side in (foreign, unknown)]
    if _tell_apart(codes[0], codes[1], level):
        first, second = (names(sorted(set(side))) for side in codes)
        return f"{operation} answers {first} for a foreign thing and {second} for an unknown one"
    lengths = [[p.reply_length for p in side] for side in (foreign, unknown)]
    medians = [float(np.median(side)) for side in lengths]
    varies = max(lengths[1]) - min(lengths[1]) > tolerance
    by_chance = varies and stats.mannwhitneyu(lengths[0], lengths[1], alternative="two-sided").pvalue >= level
    if abs(medians[0] - medians[1]) > tolerance and not by_chance:
        return f"{operation} answers {medians[0]:g} bytes for a foreign thing and {medians[1]:g} for an unknown one"
    looks = [[p.reply_looks for p in side] for side in (foreign, unknown)]
    if _tell_apart(looks[0], looks[1], level):
        first, second = (str(len(set(side))) for side in looks)
        return f"{operation} answers a foreign thing in {first} and an unknown one in {second} wordings, not the same"
    return ""


def _tell_apart(foreign: Sequence[str], unknown: Sequence[str], level: float) -> bool:
    """Whether what is said of a foreign thing differs from what is said of an unknown one.

    A platform that says several things of unknown ones says them by chance, or for reasons of its own: then only a difference that
    chance hardly makes tells anything (chi-squared test of homogeneity).
    """
    kinds = sorted({*foreign, *unknown})
    if set(foreign) == set(unknown) and len(kinds) == 1:
        return False
    if len(set(unknown)) == 1 or not set(foreign) & set(unknown):
        return True
    table = [[side.count(kind) for kind in kinds] for side in (list(foreign), list(unknown))]
    return bool(stats.chi2_contingency(table).pvalue < level)


def _delay(operation: str, foreign: Sequence[DoorProbe], unknown: Sequence[DoorProbe], rule: TimingRule) -> str:
    words = rule.difference([p.seconds for p in foreign], [p.seconds for p in unknown])
    return f"{operation} is {words} for a foreign thing than for an unknown one" if words else ""
