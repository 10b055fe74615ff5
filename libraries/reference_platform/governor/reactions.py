"""What follows from a detection: one named method per reaction, chosen by the kind of detection."""

from __future__ import annotations

from reference_platform.governor.containment import Containment
from reference_platform.governor.detection.detector import Detection
from reference_platform.governor.journal import Journal, Send
from reference_platform.governor.messages import ReclaimLeases, StopAgent


class Reactions:
    """Alerts, and does what the kind of detection asks for.

    Args:
        containment: The penalty box.
        journal: Gets the alert, and an entry for every step.
        send: Sends one message to the gateway.
    """

    def __init__(self, containment: Containment, journal: Journal, send: Send) -> None:
        self._containment = containment
        self._journal = journal
        self._send = send

    def react(self, found: Detection, at: float) -> None:
        """Alert and act.

        Args:
            found: What a detector found.
            at: Now (seconds, monotonic clock).
        """
        self._journal.alert(found)
        match found.kind:
            case "memory_leak":
                self.stop_memory_leak(found)
            case "handle_leak":
                self.stop_handle_leak(found)
            case "runaway":
                self.stop_runaway(found)
            case "connection_leak":
                self.reclaim_leases(found)
            case "noisy_tenant":
                self._containment.contain(found, at)
            case "quota_exceeded" if found.resource == "memory" and found.agent:
                self.explain_kill(found)

    def stop_memory_leak(self, found: Detection) -> None:
        """End an agent that leaks memory.

        Args:
            found: The leak.
        """
        self._stop(found, "memory_leak")

    def stop_handle_leak(self, found: Detection) -> None:
        """End an agent that leaks handles: only its end closes them.

        Args:
            found: The leak.
        """
        self._stop(found, "handle_leak")

    def stop_runaway(self, found: Detection) -> None:
        """End an agent that burns processor time for nothing.

        Args:
            found: The runaway.
        """
        self._stop(found, "runaway")

    def reclaim_leases(self, found: Detection) -> None:
        """Take back database connections that lie unused.

        Args:
            found: The leak.
        """
        self._send(ReclaimLeases(found.tenant))
        self._journal.audit("leases_reclaimed", found.tenant, resource="database", detail=found.detail)

    def explain_kill(self, found: Detection) -> None:
        """Tell the gateway why an agent has ended: its tenant's memory quota.

        Args:
            found: The kill.
        """
        self._stop(found, "quota")

    def _stop(self, found: Detection, reason: str) -> None:
        self._send(StopAgent(found.agent, found.pid, reason))
        detail: dict[str, object] = {"reason": reason, "pid": found.pid, **found.detail}
        self._journal.audit("agent_stopped", found.tenant, found.agent, found.resource, detail)
