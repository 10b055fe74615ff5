"""The scenario of one suite file: its tenants, the load that runs, and what is remembered from one sentence to the next."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from robot.libraries.BuiltIn import BuiltIn

from isolation.drive.load.campaign import CampaignRecord
from isolation.drive.load.engine import Connected
from isolation.drive.load.plans import Stream
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.worker import WorkerError
from isolation.record import Operation, OperatorUsage, PlatformEvent, Sample
from isolation.record.files import save_records
from isolation.scenarios.api import residue_in_words
from isolation.target.words import OperatorOperation
from robot_support import run as runs
from robot_support.collector import COLLECTOR


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in which something is watched (seconds, monotonic clock)."""

    start: float
    end: float


@dataclass(slots=True)
class Scenario:
    """What the sentences of one suite file share.

    Attributes:
        tenants: The tenants in the order in which they were made; "tenant 3" is the third.
        visitors: Tenants that came and went before the scenario; they only have to be removed.
        openings: What became of connecting them.
        began_at: Start of the scenario.
        windows: Watched stretches of time, by name.
        marks: Moments by name, such as when a tenant became noisy.
        operations: What was asked and answered, by name of the load.
        noise: What tenants will do when it is the turn of a noise, by name of the noise.
        campaign: The last campaign of quiet and noisy blocks.
        notes: Any other plain record that a later sentence needs, by name.
    """

    tenants: list[TenantAgent] = field(default_factory=list)
    visitors: list[TenantAgent] = field(default_factory=list)
    openings: list[Connected] = field(default_factory=list)
    began_at: float = field(default_factory=time.monotonic)
    windows: dict[str, Window] = field(default_factory=dict)
    marks: dict[str, float] = field(default_factory=dict)
    operations: dict[str, list[Operation]] = field(default_factory=dict)
    noise: dict[str, list[Stream]] = field(default_factory=dict)
    campaign: CampaignRecord | None = None
    notes: dict[str, object] = field(default_factory=dict)

    def tenant(self, number: int) -> TenantAgent:
        """The tenant that scenarios call by this number, from 1.

        Raises:
            ValueError: When there is no such tenant.
        """
        if not 1 <= number <= len(self.tenants):
            raise ValueError(f"There is no tenant {number}: this scenario has {len(self.tenants)} tenants.")
        return self.tenants[number - 1]

    @property
    def names(self) -> list[str]:
        """Names of all tenants."""
        return [tenant.name for tenant in self.tenants]

    def samples(self, window: Window | None = None) -> list[Sample]:
        """What the monitor measured in a window, or since the scenario began; of this scenario's tenants."""
        start = window.start if window else self.began_at
        end = window.end if window else float("inf")
        own = set(self.names)
        taken: list[Sample] = runs.current().monitor.call("samples", start)
        return [sample for sample in taken if sample.tenant in own and sample.at <= end]

    def events(self, since: float | None = None) -> list[PlatformEvent]:
        """What the target itself reported since a moment, or since the scenario began."""
        seen: list[PlatformEvent] = runs.current().monitor.call("events", self.began_at if since is None else since)
        return seen

    def operator_usage(self, tenant: str) -> list[OperatorUsage]:
        """What the operator's door said about one tenant's usage since the scenario began."""
        usage: list[OperatorUsage] = runs.current().monitor.call("operator_usage", self.began_at)
        return [one for one in usage if one.tenant == tenant]


_scenario = Scenario()


def scenario() -> Scenario:
    """The scenario that runs."""
    return _scenario


def begin() -> Scenario:
    """Begin a new scenario without tenants."""
    global _scenario
    _scenario = Scenario()
    return _scenario


def end() -> list[str]:
    """Close all sessions, remove every tenant from the target and count what is left.

    Returns:
        What could not be removed, in words; empty when nothing is left.
    """
    run = runs.current()
    _keep_records()
    left: list[str] = list(run.manager.cleanup_all_agents().left)
    tenants = {tenant.tenant_id for tenant in [*_scenario.tenants, *_scenario.visitors]}
    if OperatorOperation.REMOVE in run.target.operator:
        for tenant, answer in sorted(_removed(tenants).items()):
            left.extend(residue_in_words(tenant, answer))
        COLLECTOR.residue_counted = True
    else:
        left += run.manager.remove([*_scenario.tenants, *_scenario.visitors])
    run.journal.removed(tenants)
    COLLECTOR.residue.extend(left)
    COLLECTOR.tenants_made += len(tenants)
    begin()
    return left


def _keep_records() -> None:
    """Write down what was recorded, so that another reader can judge it again; without answers, for they hold users' secrets."""
    if not _scenario.tenants:
        return
    name = BuiltIn().get_variable_value("${SUITE NAME}", "scenario").replace(" ", "_")
    operations = [operation for load in _scenario.operations.values() for operation in load]
    campaign = _scenario.campaign
    blocks = campaign.blocks if campaign is not None else []
    operations += [*campaign.operations, *campaign.noise] if campaign is not None else []
    unread = [replace(operation, kept={}) for operation in operations]
    path = runs.current().options.output / "records" / f"{name}.jsonl.gz"
    save_records(path, [*unread, *blocks, *_scenario.samples(), *_scenario.events()])


def what_is_there_of(tenant: str) -> list[str]:
    """What the operator counts of a tenant now, in words; the same count that follows a removal."""
    return residue_in_words(tenant, runs.current().operator(OperatorOperation.RESIDUE, tenant=tenant))


def _removed(tenants: set[str]) -> dict[str, dict[str, object] | str]:
    try:
        answers = runs.current().monitor.call("remove_tenants", sorted(tenants), timeout=60 + len(tenants))
    except WorkerError as error:
        return dict.fromkeys(tenants, str(error))
    assert isinstance(answers, dict)
    return answers
