"""Numbers the governor's alerts and audit entries and sends them to the gateway."""

from __future__ import annotations

import time
from collections.abc import Callable

from reference_platform.governor.detection.detector import Detection
from reference_platform.governor.messages import Alert, Audit, FromGovernor

Send = Callable[[FromGovernor], None]


class Journal:
    """Writes down what was noticed and what was done.

    Args:
        send: Sends one message to the gateway.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._alerts = 0
        self._audits = 0

    def alert(self, found: Detection) -> None:
        """Tell the operator what was noticed.

        Args:
            found: What a detector found.
        """
        self._alerts += 1
        self._send(
            Alert(self._alerts, time.time(), found.kind, found.tenant, found.agent, found.resource, found.detail)
        )

    def audit(
        self, kind: str, tenant: str, agent: str = "", resource: str = "", detail: dict[str, object] | None = None
    ) -> None:
        """Write down what was done.

        Args:
            kind: What, such as ``contained``.
            tenant: To whom.
            agent: To which agent, or empty.
            resource: Because of which resource, or empty.
            detail: The numbers behind it.
        """
        self._audits += 1
        self._send(Audit(self._audits, time.time(), kind, tenant, agent, resource, detail or {}))
