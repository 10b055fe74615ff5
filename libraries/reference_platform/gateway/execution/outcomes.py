"""What is written down of work that has ended."""

from __future__ import annotations

from reference_platform.gateway.bookkeeping.audit_log import AuditLog
from reference_platform.gateway.execution.session_work import SessionWork
from reference_platform.state import Owner
from reference_platform.state.metrics import MetricsStore


class Outcomes:
    """Counts time-outs and measures successes."""

    def __init__(self, alerts: AuditLog, metrics: MetricsStore | None, timeout_seconds: float) -> None:
        """Keep where it is written.

        Args:
            alerts: Time-outs.
            metrics: Durations, if there is an analytics store.
            timeout_seconds: How long work may run (s).
        """
        self._alerts = alerts
        self._metrics = metrics
        self._timeout_seconds = timeout_seconds

    def timed_out(self, work: SessionWork) -> None:
        """Work ran too long."""
        identity = work.agent.identity
        work.agent.user.tenant.counters.operations_timed_out += 1
        detail = {"seconds": self._timeout_seconds, "user": identity.user}
        self._alerts.add("operation_timeout", identity.tenant, identity.agent_id, detail=detail)

    def finished(self, work: SessionWork, success: bool, seconds: float) -> None:
        """Work has ended."""
        if self._metrics is not None and success:
            identity = work.agent.identity
            self._metrics.record(Owner(identity.tenant, identity.user), work.kind, seconds * 1000)
