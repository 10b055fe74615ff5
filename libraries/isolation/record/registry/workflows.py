"""The record of workflows: several agents of each user under a supervisor (AR-17, AR-18)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record
from isolation.record.facts import Fact
from isolation.record.registry.base import RegistryRecord
from isolation.record.registry.flows import Flow, Shape

_ANY = Shape({}, frozenset())


@experiment_record
@dataclass(slots=True)
class WorkflowRecord(RegistryRecord):
    """What was seen.

    Attributes:
        flows: Workflows of all users at the same time.
        quiet_flows: Workflows one after another, so that no other work decides what runs when.
        shape: What a workflow has to look like.
        flow_kinds: The events that a workflow has to have, in order; empty when the platform promises none.
        reports: Whose company, request and name each report holds.
        teams: Which agents each user has after all workflows.
        owners: Whose each agent is, by the lists of the users and by the operator API.
    """

    flows: list[Flow] = field(default_factory=list)
    quiet_flows: list[Flow] = field(default_factory=list)
    shape: Shape = _ANY
    flow_kinds: tuple[str, ...] = ()
    reports: list[Fact] = field(default_factory=list)
    teams: list[Fact] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
