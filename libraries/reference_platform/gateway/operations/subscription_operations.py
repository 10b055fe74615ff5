"""Subscriptions to events that other sessions of the same user cause."""

from __future__ import annotations

from typing import Any

from reference_platform.authentication.checks import is_id
from reference_platform.gateway.endpoint.requests import Request, bad_request, not_found
from reference_platform.registry import Registry, Session

MOST_SUBSCRIPTIONS = 256


class SubscriptionOperations:
    """Begins and ends subscriptions."""

    def __init__(self, registry: Registry) -> None:
        """Keep whose agents are whose."""
        self._registry = registry

    def subscribe(self, session: Session, request: Request) -> dict[str, Any]:
        """Subscribe to an own agent or thread."""
        topic = request.text("topic")
        kind, _, name = topic.partition(":")
        if kind not in ("agent", "thread") or not is_id(name):
            raise bad_request("'topic' must be 'agent:AGENT_ID' or 'thread:NAME'")
        if kind == "agent" and self._registry.agent_of(session.user, name) is None:
            raise not_found()
        if len(session.subscriptions) >= MOST_SUBSCRIPTIONS:
            raise bad_request(f"a session has at most {MOST_SUBSCRIPTIONS} subscriptions")
        session.subscriptions.setdefault(topic, 0)
        return {"subscribed": topic}

    def unsubscribe(self, session: Session, request: Request) -> dict[str, Any]:
        """End a subscription."""
        topic = request.text("topic")
        if session.subscriptions.pop(topic, None) is None:
            raise not_found()
        return {"unsubscribed": topic}
