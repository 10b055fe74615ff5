"""The handlers of all operations, by subject."""

from __future__ import annotations

from reference_platform.gateway.endpoint.dispatch import Handler
from reference_platform.gateway.operations.agent_operations import AgentOperations
from reference_platform.gateway.operations.metrics_operations import MetricsOperations
from reference_platform.gateway.operations.session_operations import SessionOperations
from reference_platform.gateway.operations.state_operations import StateOperations
from reference_platform.gateway.operations.subscription_operations import SubscriptionOperations
from reference_platform.gateway.operations.work_operations import WorkOperations

__all__ = [
    "NAMES",
    "AgentOperations",
    "MetricsOperations",
    "SessionOperations",
    "StateOperations",
    "SubscriptionOperations",
    "WorkOperations",
    "handlers_of",
]

Operations = (
    AgentOperations | MetricsOperations | SessionOperations | StateOperations | SubscriptionOperations | WorkOperations
)

#: What a client may ask for; the handler of each has the operation's name.
NAMES = (
    *("ping", "cancel", "session_info", "session_resume", "session_end", "logout"),
    *("subscribe", "unsubscribe", "execute", "orchestrate", "metrics"),
    *("agent_create", "agent_get", "agent_list", "agent_stop", "agent_reset", "agent_remove", "agent_health"),
    *("state_put", "state_get", "state_list", "state_delete", "history_append", "history_read"),
)


def handlers_of(*subjects: Operations) -> dict[str, Handler]:
    """Operation to handler.

    Args:
        subjects: All subjects together; each operation is a method of exactly one.
    """
    found = {name: getattr(subject, name) for subject in subjects for name in NAMES if hasattr(subject, name)}
    assert found.keys() == set(NAMES)
    return found
