"""Whether each flow runs through its steps, in order, with agents of its own user, and in parallel where promised (AR-17, AR-18).

Principle: a flow states its steps with their agents and times; the agents are held against the owners that the registry
itself shows to each user. Order: a step may not start before every step that it needs has ended. Side by side: the time
spans of the parallel steps overlap. A flow that was not answered, or has other steps than promised, is wrong.

Assumption: the times of one flow were taken by one clock of the platform.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from isolation.judge.rules.verdicts import judged, names, no_evidence, plural, zero
from isolation.record import Limit, Measurement
from isolation.record.registry.flows import Flow, Shape


def judge_flows(promise: str, flows: Sequence[Flow], shape: Shape) -> Measurement:
    """Every flow has the promised steps, once each, in the promised order.

    Args:
        flows: All flows that were asked for.
        shape: What each has to look like.

    Returns:
        The number of flows with missing, further or misplaced steps, which must be zero; FAIL without a flow.
    """
    metric, limit = "flows with wrong steps", zero(f"promise {promise}: every step, in order")
    wrong = [(flow.tenant, words) for flow in flows if (words := _wrong_steps(flow, shape))]
    return _counted(promise, metric, limit, flows, wrong, "went through their steps in order")


def judge_leadership(promise: str, flows: Sequence[Flow], owners: Mapping[str, str]) -> Measurement:
    """Every supervisor leads the agents of its own user only, and every step names it as its leader.

    Args:
        owners: Agent id to user, as the registry shows its agents to each user or to the operator.

    Returns:
        The number of flows with a foreign agent or leader, which must be zero.
    """
    metric, limit = "flows that mix users", zero(f"promise {promise}: agents of one user only")
    wrong = [(flow.tenant, words) for flow in flows if (words := _foreign(flow, owners))]
    return _counted(promise, metric, limit, flows, wrong, "were led and done by agents of their own user")


def judge_side_by_side(promise: str, flows: Sequence[Flow], shape: Shape, limit: Limit) -> Measurement:
    """The parallel steps of a flow overlap in time.

    Args:
        shape: Names the parallel steps.
        limit: Smallest share of flows whose parallel steps overlap, in per cent.

    Returns:
        The share; FAIL when no flow has these steps.
    """
    metric = "flows with overlapping parallel steps"
    found = [[s for s in flow.steps if s.name in shape.parallel] for flow in flows]
    spans = [span for span in found if len(span) == len(shape.parallel)]
    if not spans:
        return no_evidence(
            promise, metric, limit, f"None of {plural(len(flows), 'flow')} had {names(sorted(shape.parallel))}"
        )
    overlapping = sum(max(s.started_at for s in span) < min(s.ended_at for s in span) for span in spans)
    share = 100.0 * overlapping / len(flows)
    claim = f"{names(sorted(shape.parallel))} ran side by side in {overlapping} of {plural(len(flows), 'flow')}"
    return judged(promise, metric, share, limit, len(flows), claim)


def _counted(
    promise: str, metric: str, limit: Limit, flows: Sequence[Flow], wrong: Sequence[tuple[str, str]], what: str
) -> Measurement:
    answered = [flow for flow in flows if flow.steps]
    if not answered:
        return no_evidence(promise, metric, limit, f"0 of {plural(len(flows), 'flow')} were answered")
    claim = f"{len(flows) - len(wrong)} of {plural(len(flows), 'flow')} {what}"
    claim += f"; {'; '.join(words for _, words in wrong[:3])}" if wrong else ""
    return judged(
        promise, metric, float(len(wrong)), limit, len(flows), claim, tenants=dict.fromkeys(t for t, _ in wrong)
    )


def _wrong_steps(flow: Flow, shape: Shape) -> str:
    found = {step.name: step for step in flow.steps}
    if sorted(step.name for step in flow.steps) != sorted(shape.needs):
        return f"the flow of '{flow.tenant}' had the steps {names(step.name for step in flow.steps)}"
    for name, needed in shape.needs.items():
        early = [other for other in needed if found[other].ended_at > found[name].started_at]
        if early:
            return f"'{name}' of '{flow.tenant}' started before '{early[0]}' had ended"
    return ""


def _foreign(flow: Flow, owners: Mapping[str, str]) -> str:
    agents = {flow.supervisor: "supervisor", **{step.agent: step.name for step in flow.steps}}
    for agent, role in agents.items():
        owner = owners.get(agent)
        if owner != flow.user:
            whose = f"agent '{agent}' of '{owner}'" if owner else f"agent '{agent}', which nobody is shown"
            return f"the {role} of '{flow.tenant}' (user '{flow.user}') was {whose}"
    if flow.parents != {flow.supervisor}:
        return f"the steps of '{flow.tenant}' were led by {names(sorted(flow.parents))} and not by '{flow.supervisor}'"
    return ""
