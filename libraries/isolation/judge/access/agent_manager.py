"""What is promised of the manager of tenant agents (TM-1 to TM-3), judged from the record of ten agents and a stranger."""

from __future__ import annotations

from isolation.judge.rules.verdicts import inconclusive, judged, names, zero
from isolation.record import Measurement
from isolation.record.agent_manager import AgentManagerRecord
from isolation.record.limits import Limits


def judge_identities(promise: str, record: AgentManagerRecord, limits: Limits) -> list[Measurement]:
    """Every agent has a tenant, a user and a credential that no other has, and an address."""
    agents = record.agents
    different = min(len({getattr(agent, part) for agent in agents}) for part in ("tenant", "user", "credential"))
    shared = len(agents) - different
    without = [agent.name for agent in agents if not agent.address or not agent.credential]
    claim = f"{len(agents)} agents: {shared} share a tenant, user or credential, {len(without)} have no address or credential"
    limit = zero("contract: identities of their own")
    metric = "agents without an identity of their own"
    return [judged(promise, metric, float(shared + len(without)), limit, len(agents), claim, tenants=without)]


def judge_impossible_counts(promise: str, record: AgentManagerRecord, limits: Limits) -> list[Measurement]:
    """Nothing, a fraction, text, true, a negative and a far too large number are each refused."""
    tried = record.tried_counts
    taken = [one.count for one in tried if not one.refused]
    claim = f"{len(taken)} of {len(tried)} impossible counts were taken" + (f": {names(taken)}" if taken else "")
    limit = zero("contract: impossible counts are refused")
    return [judged(promise, "impossible counts that were taken", float(len(taken)), limit, len(tried), claim)]


def judge_connecting(promise: str, record: AgentManagerRecord, limits: Limits) -> list[Measurement]:
    """All good agents are connected; the stranger is named as failed, with the reason. The good ones' failures come first."""
    good = [agent.name for agent in record.agents]
    lost = [name for name in good if name not in record.connected]
    refused = record.stranger in record.failed and record.stranger not in record.connected
    claim = f"{len(good) - len(lost)} of {len(good)} good agents connected"
    claim += f"; '{lost[0]}' did not: {record.failed.get(lost[0], 'no reason given')}" if lost else ""
    claim += f"; the stranger: {record.failed.get(record.stranger, 'not refused')}"
    wrong = [*lost, *([] if refused else [record.stranger])]
    limit = zero("contract: the good are connected, a stranger is named")
    metric = "agents wrongly connected or not"
    return [judged(promise, metric, float(len(wrong)), limit, len(good) + 1, claim, tenants=wrong)]


def judge_clean_up(promise: str, record: AgentManagerRecord, limits: Limits) -> list[Measurement]:
    """The first clean-up closes every session, further ones find nothing to close."""
    first, again = record.clean_ups[0], record.clean_ups[1:]
    closed_again = sum(one.closed for one in again)
    left = [text for one in record.clean_ups for text in one.left]
    opened = len(record.connected)  # a stranger who got in has a session to close, too
    claim = f"The first clean-up closed {first.closed} of {opened} sessions, {len(again)} more closed {closed_again}"
    claim += f"; left: {names(left)}" if left else ""
    wrong = abs(opened - first.closed) + closed_again + len(left)
    limit = zero("contract: everything is closed, once")
    return [judged(promise, "sessions left or closed twice", float(wrong), limit, len(record.clean_ups), claim)]


def judge_sessions_gone(promise: str, record: AgentManagerRecord, limits: Limits) -> list[Measurement]:
    """The operator saw the sessions, and sees none of them after the clean-up."""
    metric, limit = "sessions that the operator still saw", zero("contract: nothing is left behind")
    before, after = record.sessions_before, record.sessions_after
    opened = sum(agent.name in record.connected for agent in record.agents)
    if before is None or after is None:
        return [inconclusive(promise, metric, limit, "Nobody could ask the operator for sessions")]
    claim = f"The operator saw {before} before and {after} afterwards"
    if not after and before < opened:
        # An operator who did not see them before has not seen that they are gone.
        return [inconclusive(promise, metric, limit, f"{claim}, of {opened} that were open", value=0.0, samples=before)]
    return [judged(promise, metric, float(after), limit, max(before, 1), claim)]
