"""Every user's workflow runs through its steps, with the user's own agents, and reports on the user's own things (AR-17, AR-18)."""

from __future__ import annotations

from isolation.judge.registry.orchestration import judge_flows, judge_leadership, judge_side_by_side
from isolation.judge.rules.facts import judge_facts
from isolation.judge.traffic.event_order import judge_event_order
from isolation.record import Measurement
from isolation.record.limits import Limits
from isolation.record.registry.workflows import WorkflowRecord


def judge_complete_workflows(
    promise: str, record: WorkflowRecord, limits: Limits, *, requests: str
) -> list[Measurement]:
    """Every workflow went through all of its steps, in order, by its answer and by its events."""
    flows = judge_flows(promise, record.flows, record.shape)
    if not record.flow_kinds:
        return [flows]
    return [flows, judge_event_order(promise, record.part(requests), record.events, record.flow_kinds)]


def judge_reports(promise: str, record: WorkflowRecord, limits: Limits) -> list[Measurement]:
    """Every report is about its own user, and no step worked on anybody else's things."""
    return [judge_facts(promise, "reports that were not the user's own", record.reports)]


def judge_supervisors(promise: str, record: WorkflowRecord, limits: Limits) -> list[Measurement]:
    """Every supervisor led agents of its own user only, and nobody has other agents than those of the workflow."""
    return [
        judge_leadership(promise, record.flows, record.owners),
        judge_facts(promise, "users with other agents than those of the flow", record.teams),
    ]


def judge_parallel_steps(promise: str, record: WorkflowRecord, limits: Limits) -> list[Measurement]:
    """Steps that need not wait for each other overlap in time."""
    return [judge_side_by_side(promise, record.quiet_flows, record.shape, limits["side by side"])]
