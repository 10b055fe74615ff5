"""Whether saved things stay, unaltered, and stay their owner's (CS-5).

Principle: what was saved is compared with what is read back, item by item, by digest: *lost* (not there), *altered*
(there, but different), *foreign* (there, but another user's). Row-level security is proven from two sides: a tenant's
own database role sees its own rows (the positive control) and not one of anybody else; a foreign write changes
nothing while the same write by the owner does.

Assumption: values of different users differ, so that a digest tells whose it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from isolation.judge.rules.verdicts import inconclusive, judged, names, no_evidence, plural, zero
from isolation.record import Measurement
from isolation.record.concurrent_startup.persistence import ForeignWrite, RoleRead, SavedItem


def judge_kept(promise: str, occasion: str, saved: Sequence[SavedItem], read: Sequence[SavedItem]) -> list[Measurement]:
    """What was saved is read back by its owner, unaltered, and nothing else.

    Args:
        occasion: What lay between, such as ``a restart of the platform``.
        saved: Everything that was saved, by all users; the last value of each place.
        read: Everything that each user read back afterwards.

    Returns:
        Lost, altered and foreign items, each of which must be zero; FAIL when nothing was saved.
    """
    limit = zero(f"promise {promise}: nothing lost, altered or foreign")
    there = {item.place: item for item in read}
    own = {item.place: item for item in saved}
    owners: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for item in saved:
        owners[item.digest].add((item.tenant, item.user))
    differing = [item for item in read if own.get(item.place) is None or own[item.place].digest != item.digest]
    foreign = [i for i in differing if owners[i.digest] and (i.tenant, i.user) not in owners[i.digest]]
    lost = [item for item in saved if item.place not in there]
    altered = [item for item in differing if item not in foreign]
    found = []
    for kind, items in (("lost", lost), ("altered", altered), ("foreign", foreign)):
        metric = f"{kind} items after {occasion}"
        if not saved:
            found.append(no_evidence(promise, metric, limit, f"Nothing had been saved before {occasion}"))
            continue
        claim = f"{len(items)} of {plural(len(saved), 'item')} were {kind} after {occasion}"
        if items:
            claim += f": {', '.join(item.words for item in items[:3])}"
        who = [item.tenant for item in items]
        if kind == "foreign" and items:
            owner_tenant, owner_user = sorted(owners[items[0].digest])[0]
            claim += f"; the first is '{owner_user}' of tenant '{owner_tenant}'"
            who += [owner_tenant]
        found.append(judged(promise, metric, float(len(items)), limit, len(saved), claim, tenants=dict.fromkeys(who)))
    return found


def judge_role_reads(promise: str, reads: Sequence[RoleRead]) -> list[Measurement]:
    """A tenant's database role sees its own rows and not one of anybody else.

    Args:
        reads: One per tenant and table.

    Returns:
        Foreign rows seen, which must be zero, and own rows not seen: a control without which zero foreign rows prove
        nothing.
    """
    metric, limit = "foreign rows seen by a database role", zero(f"promise {promise}: no foreign row")
    if not reads:
        return [no_evidence(promise, metric, limit, "No database role was tried")]
    blind = [r for r in reads if r.own_rows is None or r.expected_own == 0 or r.own_rows < r.expected_own]
    leaking = [r for r in reads if r.foreign_rows]
    if leaking:
        first = leaking[0]
        rows = sum(r.foreign_rows for r in leaking)
        claim = (
            f"{plural(rows, 'foreign row')} were seen: the role of tenant '{first.tenant}' saw {first.foreign_rows} "
            f"in '{first.table}', of '{first.foreign_owner or 'somebody else'}'"
        )
        tenants = dict.fromkeys(t for r in leaking for t in (r.tenant, r.foreign_owner) if t)
        result = judged(promise, metric, float(rows), limit, len(reads), claim, tenants=tenants)
    elif blind:
        claim = f"{len(blind)} of {plural(len(reads), 'read')} did not even see their own rows, so zero proves nothing"
        result = inconclusive(
            promise, metric, limit, claim, samples=len(reads), tenants=dict.fromkeys(r.tenant for r in blind)
        )
    else:
        result = judged(promise, metric, 0.0, limit, len(reads), f"0 foreign rows in {plural(len(reads), 'read')}")
    return [result, _own_rows(promise, reads, blind)]


def judge_foreign_writes(promise: str, writes: Sequence[ForeignWrite]) -> Measurement:
    """A foreign write has no effect, while the owner's has.

    Args:
        writes: All attempts.

    Returns:
        Foreign writes that changed something, which must be zero; INCONCLUSIVE when nobody could look, or when the
        owner's own write did not work either.
    """
    metric, limit = "foreign writes with effect", zero(f"promise {promise}: no foreign write")
    if not writes:
        return no_evidence(promise, metric, limit, "No foreign write was tried")
    effective = [w for w in writes if w.changed]
    if effective:
        first = effective[0]
        claim = (
            f"{len(effective)} of {plural(len(writes), 'foreign write')} had an effect: tenant '{first.writer}' "
            f"changed '{first.place}' of tenant '{first.owner}'"
        )
        tenants = dict.fromkeys(t for w in effective for t in (w.writer, w.owner))
        return judged(promise, metric, float(len(effective)), limit, len(writes), claim, tenants=tenants)
    unproven = [w.place for w in writes if w.changed is None or not w.owner_could]
    claim = f"None of {plural(len(writes), 'foreign write')} had an effect"
    if unproven:
        claim += f", but at {names(dict.fromkeys(unproven))} nobody could look or the owner could not write either"
        return inconclusive(promise, metric, limit, claim, samples=len(writes))
    return judged(promise, metric, 0.0, limit, len(writes), claim)


def _own_rows(promise: str, reads: Sequence[RoleRead], blind: Sequence[RoleRead]) -> Measurement:
    metric, limit = (
        "database roles that miss own rows (positive control)",
        zero(f"promise {promise}: own rows are seen"),
    )
    claim = f"{len(reads) - len(blind)} of {plural(len(reads), 'read')} saw all their own rows"
    if not blind:
        return judged(promise, metric, 0.0, limit, len(reads), claim, control=True)
    claim += f"; not {names(f'{r.tenant} in {r.table}' for r in blind)}"
    tenants = dict.fromkeys(r.tenant for r in blind)
    return inconclusive(
        promise, metric, limit, claim, value=float(len(blind)), samples=len(reads), tenants=tenants, control=True
    )
