"""Whether a tenant, or everybody, is served again after something happened to it.

Principle: as in `isolation.judge.traffic.answers`, only an own answer counts, as a share of what was sent. What the suite never
sent says nothing about the target; when the verdict would depend on it, the evidence does not decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, plural
from isolation.judge.traffic.answers import chain
from isolation.record import Limit, Measurement, Operation, Outcome


def judge_served(
    promise: str, metric: str, operations: Sequence[Operation], limit: Limit, occasion: str
) -> Measurement:
    """Hold the share of answered operations against a limit.

    Args:
        operations: The operations that should have been answered.
        limit: Smallest share in per cent.
        occasion: When this was, such as ``after the excess``.

    Returns:
        The share of those that were sent; FAIL without any, INCONCLUSIVE when unsent ones could change the verdict.
    """
    sent = [o for o in operations if o.outcome is not Outcome.NOT_SENT]
    if not sent:
        return no_evidence(
            promise, metric, limit, f"None of {plural(len(operations), 'operation')} was sent {occasion}"
        )
    answered = sum(o.answered for o in sent)
    share = 100.0 * answered / len(sent)
    failed = unserved_tenants(sent)
    claim = f"{answered:,} of {plural(len(sent), 'operation')} were answered {occasion} ({amount(share, '%')})"
    if failed:
        claim += f"; {chain(operations)}, of {names(failed)}"
    unsent = len(operations) - len(sent)
    details = {"operations answered": answered, "operations not sent": unsent}
    holds = limit.comparison.holds
    if holds(share, limit.value) and not holds(100.0 * answered / len(operations), limit.value):
        claim += f", but {unsent:,} more never left the suite"
        return inconclusive(
            promise, metric, limit, claim, value=share, samples=len(sent), tenants=failed, details=details
        )
    return judged(promise, metric, share, limit, len(sent), claim, tenants=failed, details=details)


def judge_connections_of_one(
    promise: str,
    tenant: str,
    wanted: int,
    held: int | None,
    asked: Sequence[Operation],
    limit: Limit,
    granted: int | None = None,
) -> Measurement:
    """A tenant that asks for more database connections than it is allowed must not get more.

    Args:
        tenant: Who asked.
        wanted: For how many; more than the limit.
        held: How many it had afterwards, or None when nobody could count them.
        limit: The most that one tenant may have.
        granted: How many the answer says that it got, where it says so.

    Returns:
        The number that it had. INCONCLUSIVE when it could not be counted, or when the tenant was not seen to be held back: neither
        was it refused any, nor does the answer say that it got fewer.
    """
    metric = "database connections of one tenant"
    refused = any(operation.outcome is Outcome.REFUSED for operation in asked)
    held_back = refused or (granted is not None and granted < wanted)
    claim = f"Tenant '{tenant}' asked for {wanted} database connections, held {held}"
    claim += ", and was refused more" if refused else f", and was granted {granted}" if granted is not None else ""
    if held is None:
        return inconclusive(promise, metric, limit, f"Nobody could count the database connections of tenant '{tenant}'")
    if limit.comparison.holds(held, limit.value) and not (held_back and held):
        return inconclusive(promise, metric, limit, f"{claim}, and was not refused any", value=float(held), samples=1)
    return judged(promise, metric, float(held), limit, wanted, claim, tenants=(tenant,))


def unserved_tenants(operations: Sequence[Operation]) -> list[str]:
    """The tenants with operations that were sent and not answered, the one with most of them first."""
    counts = Counter(o.tenant for o in operations if not o.answered and o.outcome is not Outcome.NOT_SENT)
    return [tenant for tenant, _ in counts.most_common()]
