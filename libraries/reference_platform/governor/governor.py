"""The governor's day: take in what the gateway says, look at everybody once per sample, react."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reference_platform.governor.census import Census, Tenant
from reference_platform.governor.containment import Containment
from reference_platform.governor.detection.detector import Detector
from reference_platform.governor.detection.memory_quota import MemoryQuotaDetector
from reference_platform.governor.enforcement.enforcer import Enforcer
from reference_platform.governor.journal import Journal, Send
from reference_platform.governor.messages import (
    AgentStarted,
    AgentStopped,
    AgentStopping,
    Attached,
    ConnectionLeases,
    Demand,
    Hello,
    Message,
    OperationEnded,
    OperationStarted,
    RemoveTenant,
    SetQuota,
    TenantRemoved,
    TenantUsage,
    Usage,
)
from reference_platform.governor.observation import TenantSeen
from reference_platform.governor.reactions import Reactions
from reference_platform.governor.settings import GovernorSettings


class Governor:
    """Connects the parts that ``build.py`` made; holds no rule of its own.

    Args:
        settings: Default quotas and the time of a sample.
        send: Sends one message to the gateway.
        clock: Seconds, monotonic.
        enforcer: Keeps quotas and the box.
        census: Knows agents and tenants.
        detectors: Look at every observation, in this order.
        memory_quota: One of the detectors; asked at once when an agent has ended.
        containment: The penalty box.
        reactions: What follows from a detection.
        journal: Alerts and audit log.
    """

    def __init__(
        self,
        *,
        settings: GovernorSettings,
        send: Send,
        clock: Callable[[], float],
        enforcer: Enforcer,
        census: Census,
        detectors: Sequence[Detector],
        memory_quota: MemoryQuotaDetector,
        containment: Containment,
        reactions: Reactions,
        journal: Journal,
    ) -> None:
        self.settings = settings
        self.enforcer = enforcer
        self._send = send
        self._clock = clock
        self._census = census
        self._detectors = detectors
        self._memory_quota = memory_quota
        self._containment = containment
        self._reactions = reactions
        self._journal = journal

    def greet(self) -> None:
        """Tell the gateway that the governor is ready, and how it enforces."""
        self._send(Hello(self.enforcer.mechanism, self.enforcer.folders("{tenant}")))

    def receive(self, message: Message) -> None:
        """Take in one message of the gateway.

        Args:
            message: Any message but ``Shutdown``, which ends the process.
        """
        match message:
            case AgentStarted():
                self._start_agent(message)
            case AgentStopping():
                self._let_go(message)
            case AgentStopped():
                self._stop_agent(message)
            case OperationStarted():
                self._census.operation_started(message.agent, message.correlation_id)
            case OperationEnded():
                self._census.operation_ended(message.correlation_id, message.finished)
            case Demand() | ConnectionLeases():
                self._census.report(message)
            case SetQuota():
                self._set_quota(message)
            case RemoveTenant():
                self._remove_tenant(message.tenant)

    def sample(self) -> None:
        """Look at everybody, react to what the detectors find, review the box, report the usage."""
        for name, tenant in self._census.tenants.items():
            tenant.contained = name in self._containment.contained
        seen = self._census.observe()
        for detector in self._detectors:
            for found in detector.observe(seen):
                self._reactions.react(found, seen.at)
        self._containment.review(seen)
        self._send(Usage([_usage(tenant) for tenant in seen.tenants.values()]))

    def close(self) -> None:
        """Let everybody go on, and leave nothing behind."""
        self.enforcer.close()

    def _start_agent(self, message: AgentStarted) -> None:
        self._know(message.tenant)
        attached = self.enforcer.attach(message.tenant, message.pid, message.started_ticks) and self._census.add(
            message
        )
        self._send(Attached(message.agent, message.pid, attached))

    def _let_go(self, message: AgentStopping) -> None:
        known = self._census.agent(message.agent, message.pid)
        if known is not None:
            self.enforcer.let_go(known.tenant, known.pid)

    def _stop_agent(self, message: AgentStopped) -> None:
        known = self._census.remove(message.agent, message.pid)
        if known is None:
            return
        self.enforcer.detach(known.tenant, known.pid)
        tenant = self._census.tenant_now(known.tenant)
        for found in self._memory_quota.look(tenant, known.agent, known.pid):
            self._reactions.react(found, self._clock())

    def _know(self, name: str) -> None:
        if name not in self._census.tenants:
            quotas = self.settings.cpu_quota_percent, self.settings.memory_quota_bytes
            self._census.tenants[name] = Tenant(*quotas)
            self.enforcer.set_quota(name, *quotas)

    def _set_quota(self, message: SetQuota) -> None:
        self._know(message.tenant)
        tenant = self._census.tenants[message.tenant]
        tenant.cpu_quota_percent, tenant.memory_quota_bytes = message.cpu_percent, message.memory_bytes
        self.enforcer.set_quota(message.tenant, message.cpu_percent, message.memory_bytes)
        detail: dict[str, object] = {"cpu_percent": message.cpu_percent, "memory_bytes": message.memory_bytes}
        self._journal.audit("quota_set", message.tenant, detail=detail)

    def _remove_tenant(self, name: str) -> None:
        for agent in self._census.agents_of(name):
            self._census.remove(agent.agent)
            self.enforcer.detach(name, agent.pid)
        self._containment.release(name, self._clock())
        self._census.tenants.pop(name, None)
        self._memory_quota.forget(name)
        self._send(TenantRemoved(name, self.enforcer.remove(name)))


def _usage(tenant: TenantSeen) -> TenantUsage:
    return TenantUsage(
        tenant=tenant.tenant,
        cpu_percent=round(tenant.cpu_percent, 2),
        memory_bytes=tenant.memory_bytes,
        io_bytes_per_second=round(tenant.io_bytes_per_second),
        handles=tenant.handles,
        throttled=tenant.throttled,
        throttled_seconds=round(tenant.throttled_seconds, 3),
        out_of_memory=tenant.out_of_memory,
        contained=tenant.contained,
    )
