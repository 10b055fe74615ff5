"""Whether a search for secrets found one where somebody else could see it (CS-2)."""

from __future__ import annotations

from isolation.judge.data.contamination import judge_contamination
from isolation.judge.rules.verdicts import inconclusive, judged, plural, zero
from isolation.record import Measurement, Verdict
from isolation.record.secrets.searches import Search


def judge_search(promise: str, seen: Search) -> Measurement:
    """No foreign secret may have been seen in a kind of place, and all of it must have been looked at.

    Args:
        seen: What was seen there, what was planted to be found, and what could not be looked at.

    Returns:
        As `judge_contamination`; INCONCLUSIVE when nothing was found but something was left unopened or unread.
    """
    kind, missed = seen.kind, seen.missed
    found = judge_contamination(promise, kind, seen.findings, seen.probes, seen.control_found)
    details = {
        **found.details,
        "scanned MB": round(seen.scanned_bytes / 2**20, 1),
        "own secrets found at home": seen.own_total,
        "owners found at home": len(seen.own),
        "controls found": seen.controls,
        "residue of other runs": seen.residue,
        "damaged markers of nobody": seen.unreadable,
    }
    if seen.credentials:
        details["credentials looked for"] = seen.credentials if seen.credential_controls else "0 (no control was found)"
    if found.verdict is not Verdict.PASS or not (missed or seen.undecoded_bytes):
        return found.model_copy(update={"details": details})
    gaps = [f"{gap.place} ({gap.reason})" for gap in missed[:2]]
    if seen.undecoded_bytes:
        gaps.append(f"{plural(seen.undecoded_bytes, 'encoded byte')} left unopened")
    claim = (
        f"No foreign secret in {plural(seen.probes, 'probe')} of {kind}, but not all was looked at: {'; '.join(gaps)}"
    )
    limit = zero(f"promise {promise}: no foreign secret")
    return inconclusive(promise, found.metric, limit, claim, value=0.0, samples=seen.probes, details=details)


def judge_harmless_sights(promise: str, seen: Search, encodings: int, announced_to: int | None) -> Measurement:
    """Users who see their own secrets, and everybody who sees a public text, are no leak: a control of the method.

    Args:
        seen: A search of an exchange in which nobody was shown anything but own secrets and a public text.
        encodings: In how many ways the users wrote their own secrets.
        announced_to: How many sessions were shown the public text (with a control in it); None where nothing can be announced.

    Returns:
        How many findings there were, which must be zero; INCONCLUSIVE when the scan did not see all of what it should
        have left alone.
    """
    texts = 0 if announced_to is None else max(announced_to, 1)
    metric, limit = "false alarms over harmless sights", zero(f"promise {promise}: no false alarm")
    alarms = len(seen.findings) + seen.more_findings
    own = seen.own_total
    claim = (
        f"{plural(alarms, 'alarm')} over {plural(own, 'own secret')} of {plural(len(seen.own), 'user')} in "
        f"{plural(len(seen.own_encodings), 'encoding')} and {plural(seen.controls, 'public text')}"
    )
    if alarms:
        first = seen.findings[0]
        claim += f"; the first names '{first.owner_tenant}' in {first.place} ({first.encoding}): {first.excerpt}"
    elif len(seen.own_encodings) < encodings or seen.controls < texts:
        claim += f", but {encodings} encodings and {plural(texts, 'public text')} should have been seen"
        return inconclusive(promise, metric, limit, claim, value=0.0, samples=own + seen.controls, control=True)
    samples = own + seen.controls + alarms
    return judged(promise, metric, float(alarms), limit, samples, claim, control=True)
