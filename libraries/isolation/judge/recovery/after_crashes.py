"""Whether everything of crashed and departed agents is gone, and the platform serves again (RI-7).

Principle: residue is what is there afterwards and was not there before, by name (a process by id and start time, a
file by path, a key, a cgroup), so that every left-over can be shown. What could not be read is not zero: it is
INCONCLUSIVE. So is a kind of thing that was not even seen while the tenants worked: that none is left then proves nothing.
"Clean" is the first inventory from which on all are clean.

Assumption: inventories hold things of tenants only, not the platform's own pooled connections, which may be exchanged
for others at any time and would look like residue.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from isolation.judge.rules.clocks import judge_clock
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, plural, zero
from isolation.record import Comparison, Inventory, Limit, Measurement, Operation, Thing
from isolation.record.usage.inventories import residue


def judge_residue(
    promise: str, before: Inventory, during: Inventory, after: Inventory, not_applicable: Collection[str] = ()
) -> list[Measurement]:
    """Nothing of the tenants that left may remain, kind by kind.

    Args:
        before: Taken before they came.
        during: Taken while they worked: the control, for what is counted then can be counted afterwards.
        after: Taken when everything should be gone.
        not_applicable: Kinds that the target does not have, such as ``cgroups``; they are left out here.

    Returns:
        One measurement per kind: the number of things left, which must be zero; its samples are the things that were seen
        while the tenants worked (for zombies, the processes). INCONCLUSIVE for what was not read, or not seen then.
    """
    found = []
    seen = {kind: len(things or ()) for kind, things in residue(before, during).items()}
    seen["zombies"] = seen["processes"]  # a sound target has none; they are looked for among these
    for kind, things in residue(before, after).items():
        if kind in not_applicable:
            continue
        metric, limit = f"{kind} left", zero(f"promise {promise}: no residue")
        if things is None:
            claim = f"The {kind} could not be read, so whether any are left is not known"
            found.append(inconclusive(promise, metric, limit, claim))
            continue
        if not things and not seen[kind]:
            claim = f"No {kind} were seen while the tenants worked either, so that none are left proves nothing"
            found.append(inconclusive(promise, metric, limit, claim))
            continue
        owners = tuple(dict.fromkeys(thing.tenant for thing in things if thing.tenant))
        shown = f": {names(_label(thing) for thing in things)}" if things else ""
        counted = plural(seen[kind], "process") if kind == "zombies" else str(seen[kind])
        claim = f"{len(things)} {kind} were left{shown}; {counted} had been seen while the tenants worked"
        samples = max(1, seen[kind])
        found.append(judged(promise, metric, float(len(things)), limit, samples, claim, tenants=owners))
    return found


def judge_looked_beside(promise: str, seen: int, agents: int) -> Measurement:
    """A control of the processes left: whoever looks at the children of the agents' parents must see the agents there.

    Args:
        seen: How many agents at work were seen among these children.
        agents: How many agents were at work.

    Returns:
        PASS when all were seen; else INCONCLUSIVE, for a process that the target does not name would not be seen either.
    """
    source = "the suite's own"
    limit = Limit(value=max(1, agents), unit="processes", comparison=Comparison.AT_LEAST, source=source)
    metric = "control: agents seen among the children of their parents"
    claim = f"{seen} of {plural(agents, 'agent')} at work were seen among the children of their parents"
    if seen < max(1, agents):
        claim += ", so a process that the target does not name might not be seen either"
        return inconclusive(promise, metric, limit, claim, value=float(seen), samples=agents, control=True)
    return judged(promise, metric, float(seen), limit, agents, claim, control=True)


def judge_memory_back(
    promise: str, before: Inventory, during: Inventory, after: Inventory, limit: Limit
) -> Measurement:
    """Memory must be back near to what it was; what was never away cannot come back.

    Args:
        before: Taken before the load.
        during: Taken while the tenants worked.
        after: Taken when everything should be gone.
        limit: The largest multiple of before, such as at most 1.10.

    Returns:
        The ratio; INCONCLUSIVE when one of them could not be read, or the work did not lift it above the limit.
    """
    metric = "memory after clean-up"
    if not before.memory_bytes or after.memory_bytes is None:
        return inconclusive(promise, metric, limit, "The platform's memory could not be read before and after")
    ratio = after.memory_bytes / before.memory_bytes
    claim = (
        f"The platform used {amount(after.memory_bytes, 'bytes')} of memory after the clean-up and "
        f"{amount(before.memory_bytes, 'bytes')} before, {amount(ratio, 'x')}"
    )
    most = (during.memory_bytes or 0.0) / before.memory_bytes
    if limit.comparison.holds(ratio, limit.value) and limit.comparison.holds(most, limit.value):
        claim += f"; but while the tenants worked it was no more than {amount(most, 'x')}, so nothing had to come back"
        return inconclusive(promise, metric, limit, claim, value=ratio, samples=3)
    return judged(promise, metric, ratio, limit, 3, claim)


def clean_from(
    before: Inventory, inventories: Sequence[Inventory], not_applicable: Collection[str] = ()
) -> float | None:
    """The first moment from which on every inventory is clean; an unread kind is not clean."""
    since: float | None = None
    for inventory in sorted(inventories, key=lambda i: i.at):
        left = residue(before, inventory)
        clean = all(things == () for kind, things in left.items() if kind not in not_applicable)
        since = (inventory.at if since is None else since) if clean else None
    return since


def judge_time_until_clean(
    promise: str,
    before: Inventory,
    inventories: Sequence[Inventory],
    since: float,
    limit: Limit,
    not_applicable: Collection[str] = (),
) -> Measurement:
    """How long until nothing was left.

    Args:
        before: Taken before the tenants came.
        inventories: Taken one after the other from the crash on.
        since: When the agents crashed and left (seconds, monotonic clock).
        limit: The longest time, in seconds.
        not_applicable: Kinds that the target does not have.

    Returns:
        The time of the first of the clean inventories; INCONCLUSIVE when what stands in the way was only not readable.
    """
    metric = "time until clean"
    if not inventories:
        return no_evidence(promise, metric, limit, "No inventory was taken after the crash")
    at = clean_from(before, inventories, not_applicable)
    if at is not None:
        claim = f"Nothing was left after {amount(at - since, 's')} (seen in {len(inventories)} inventories)"
        return judged(promise, metric, at - since, limit, len(inventories), claim)
    last = {k: t for k, t in residue(before, inventories[-1]).items() if k not in not_applicable}
    unread = [kind for kind, things in last.items() if things is None]
    left = [f"{len(things)} {kind}" for kind, things in last.items() if things]
    if unread and not left:
        claim = f"The {', '.join(unread)} could not be read, so when they were gone is not known"
        return inconclusive(promise, metric, limit, claim, samples=len(inventories))
    claim = f"{amount(inventories[-1].at - since, 's')} after the crash there were still {', '.join(left)}"
    return no_evidence(promise, metric, limit, claim, samples=len(inventories))


def judge_new_tenants(
    promise: str, operations: Sequence[Operation], departed: int, newcomers: Collection[str], limit: Limit
) -> Measurement:
    """As many new tenants as departed must be served at once.

    Args:
        operations: The first operations of the newcomers.
        departed: How many agents' tenants are gone.
        newcomers: The new tenants.
        limit: Smallest share of the departed number that is served, in per cent.

    Returns:
        New tenants all of whose operations were answered, in per cent of the departed.
    """
    metric = "new tenants served"
    if departed == 0 or not operations:
        return no_evidence(
            promise, metric, limit, f"{len(newcomers)} new tenants came for {departed} departed, nothing sent"
        )
    asked = {o.tenant for o in operations if o.tenant in newcomers}
    failed = {o.tenant for o in operations if not o.answered}
    served = asked - failed
    unserved = sorted(set(newcomers) - served)
    share = 100.0 * len(served) / departed
    claim = f"{len(served)} of {plural(departed, 'new tenant')} were served at once"
    if unserved:
        claim += f"; not served: {names(unserved)}"
    return judged(promise, metric, share, limit, len(operations), claim, tenants=unserved)


def judge_served_at_once(promise: str, operations: Sequence[Operation], limit: Limit) -> Measurement:
    """The first answer of every newcomer must come as soon as that of anybody who starts.

    Args:
        operations: The first operations of the newcomers.
        limit: The longest time from asking to the answer (seconds).

    Returns:
        The longest time; who was never answered is counted by :func:`judge_new_tenants`.
    """
    metric = "slowest first answer of new tenants"
    times = {one.tenant: one.latency for one in operations if one.answered and one.latency is not None}
    if not times:
        return no_evidence(promise, metric, limit, "No new tenant was answered")
    slowest = max(times, key=lambda tenant: times[tenant])
    late = [tenant for tenant, seconds in times.items() if not limit.comparison.holds(seconds, limit.value)]
    claim = (
        f"The slowest of {plural(len(times), 'new tenant')} had its first answer after {amount(times[slowest], 's')}"
    )
    return judged(promise, metric, times[slowest], limit, len(times), claim, tenants=late)


def judge_full_recovery(
    promise: str, since: float, clean_at: float | None, served_at: float | None, limit: Limit
) -> Measurement:
    """Full recovery is when everything is clean *and* the new tenants are served, whichever is later.

    Args:
        since: When the agents crashed and left (seconds, monotonic clock).
        clean_at: When everything was clean, or None.
        served_at: When the last of the new tenants had its first answer, or None.
        limit: The longest time, in seconds.

    Returns:
        The time; FAIL when one of the two never came.
    """
    at = None if clean_at is None or served_at is None else max(clean_at, served_at)
    return judge_clock(promise, "time until full recovery", "", "clean and serving new tenants", since, at, limit)


def _label(thing: Thing) -> str:
    return f"{thing.name} ({thing.tenant})" if thing.tenant else thing.name
