"""Whether abused credentials are refused (CS-2).

Principle: one bad token per way of abuse, each made from a good one by a single change, so that only that change can
be the reason for the refusal; and the good one itself, used in the same way, must be accepted. A bad token that gets
no reply at all is not proven to be refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from isolation.judge.rules.verdicts import inconclusive, judged, names, no_evidence, plural, zero
from isolation.record import Measurement, Outcome
from isolation.record.access.probes import CredentialProbe
from isolation.record.concurrent_startup.credentials import CredentialTrialsRecord
from isolation.record.limits import Limits


def judge_bad_tokens(promise: str, record: CredentialTrialsRecord, limits: Limits, *, group: str) -> list[Measurement]:
    """Every bad token of a group is refused, and the good one beside it is accepted."""
    found = judge_credentials(promise, *record.of_group(group))
    return [m.model_copy(update={"details": {**m.details, **_clock(record)}}) for m in found]


def judge_reason_hidden(promise: str, record: CredentialTrialsRecord, limits: Limits) -> list[Measurement]:
    """Whoever tries forged tokens learns nothing about what was wrong with them."""
    return [judge_refusals_alike(promise, record.probes)]


def judge_credentials(promise: str, probes: Sequence[CredentialProbe], expected: Sequence[str]) -> list[Measurement]:
    """Every bad token is refused, every good twin accepted, and no way of abuse is left untried.

    Args:
        probes: What was tried.
        expected: All ways of abuse that must have been tried.

    Returns:
        Bad tokens that were accepted and good twins that were refused; both must be zero. Ways that were not tried and
        tokens without a reply make the first INCONCLUSIVE.
    """
    accepted_metric, accepted_limit = "bad tokens accepted", zero(f"promise {promise}: bad tokens are refused")
    refused_metric, refused_limit = "good tokens refused", zero(f"promise {promise}: good tokens are accepted")
    if not probes:
        return [
            no_evidence(promise, accepted_metric, accepted_limit, "No bad token was tried"),
            no_evidence(promise, refused_metric, refused_limit, "No good token was tried"),
        ]
    if all(p.twin is not Outcome.ANSWERED for p in probes):
        claim = f"None of {plural(len(probes), 'good token')} was accepted, so that nothing is known about bad ones"
        return [
            inconclusive(promise, accepted_metric, accepted_limit, claim, samples=len(probes)),
            inconclusive(promise, refused_metric, refused_limit, claim, samples=len(probes), control=True),
        ]
    accepted = [p for p in probes if p.bad is Outcome.ANSWERED]
    unproven = [p.abuse for p in probes if p.bad not in (Outcome.ANSWERED, Outcome.REFUSED)]
    untried = sorted(set(expected) - {p.abuse for p in probes})
    claim = f"{len(probes) - len(accepted) - len(unproven)} of {plural(len(probes), 'bad token')} were refused"
    if accepted:
        claim += f"; accepted: {names(dict.fromkeys(p.abuse for p in accepted))}"
        tenants = dict.fromkeys(p.tenant for p in accepted)
        first = judged(
            promise, accepted_metric, float(len(accepted)), accepted_limit, len(probes), claim, tenants=tenants
        )
    elif unproven or untried:
        claim += f"; without a reply: {names(unproven)}" if unproven else ""
        claim += f"; not tried: {names(untried)}" if untried else ""
        first = inconclusive(promise, accepted_metric, accepted_limit, claim, samples=len(probes))
    else:
        first = judged(promise, accepted_metric, 0.0, accepted_limit, len(probes), claim)
    turned_away = [p for p in probes if p.twin is not Outcome.ANSWERED]
    claim = f"{len(probes) - len(turned_away)} of {plural(len(probes), 'good twin')} were accepted"
    if turned_away:
        claim += f"; not those of {names(dict.fromkeys(p.abuse for p in turned_away))}, so their refusals prove nothing"
    twins = judged(promise, refused_metric, float(len(turned_away)), refused_limit, len(probes), claim, control=True)
    return [first, twins]


def judge_refusals_alike(promise: str, probes: Sequence[CredentialProbe]) -> Measurement:
    """All refused handshakes look the same: whoever tries forged tokens learns nothing about what was wrong with them.

    Args:
        probes: What was tried; sessions that were closed later have no reply and are left out.

    Returns:
        In how many ways beyond one refusals looked, which must be zero; INCONCLUSIVE without any refusal that could be seen:
        tokens that were accepted are the other judge's matter.
    """
    metric, limit = "refusals that tell the reason", zero(f"promise {promise}: refusals look the same")
    refused = [probe for probe in probes if probe.bad is Outcome.REFUSED and probe.reply]
    if probes and all(probe.twin is not Outcome.ANSWERED for probe in probes):
        claim = "No good token was accepted, so that no refusal shows anything"
        return inconclusive(promise, metric, limit, claim, samples=len(probes))
    if not refused:
        return inconclusive(promise, metric, limit, "No token was refused with a reply that could be compared")
    looks = Counter(probe.reply for probe in refused).most_common()
    claim = f"{plural(len(refused), 'refused token')} got the same reply ({looks[0][0]})"
    if len(looks) > 1:
        odd = [probe for probe in refused if probe.reply != looks[0][0]]
        claim = f"{len(odd)} of {plural(len(refused), 'refused token')} got another reply than {looks[0][0]}: "
        claim += f"{odd[0].reply} for {names(dict.fromkeys(probe.abuse for probe in odd))}"
    return judged(promise, metric, float(len(looks) - 1), limit, len(refused), claim)


def _clock(record: CredentialTrialsRecord) -> dict[str, float]:
    """The difference of the clocks, where there is one: tokens were made by the platform's."""
    return {"platform's clock ahead (s)": round(record.clock_s, 1)} if record.clock_s else {}
