"""Where a frame goes: to the session that asked, and to the subscribers among the same user's other sessions."""

from __future__ import annotations

from typing import Any

from reference_platform.registry import Agent, Registry, Session


class Router:
    """Sends events of agents to whom they concern."""

    def __init__(self, registry: Registry) -> None:
        """Keep the register of open sessions."""
        self._registry = registry

    def deliver(self, session: Session, frame: dict[str, Any]) -> None:
        """Send a frame to the session whose request it belongs to.

        Args:
            session: The session that asked.
            frame: The frame without ``seq``.
        """
        session.send(frame)

    def publish(self, session: Session, agent: Agent, frame: dict[str, Any]) -> None:
        """Send an event of an agent: to the session that asked, and as notifications to subscribers.

        Args:
            session: The session that asked.
            agent: Whose event it is.
            frame: The event without ``seq``.
        """
        event = frame["event"]
        self.deliver(session, frame)
        self.notify(session, agent, event)

    def notify(self, cause: Session, agent: Agent, event: str) -> None:
        """Tell the other sessions of the user that subscribed to the agent or to its thread.

        Args:
            cause: The session that caused the event.
            agent: Whose event it is.
        """
        audience = self.audience(cause, agent)
        if not audience:
            return
        topics = (f"agent:{agent.identity.agent_id}", f"thread:{agent.identity.thread}")
        for session in audience:
            for topic in topics:
                if topic in session.subscriptions:
                    session.subscriptions[topic] += 1
                    session.send(
                        {
                            "event": "notification",
                            "topic": topic,
                            "of": event,
                            "agent_id": agent.identity.agent_id,
                            "number": session.subscriptions[topic],
                        }
                    )

    def audience(self, cause: Session, agent: Agent) -> list[Session]:
        """The sessions that may hear of an agent's event: the other open ones of its user."""
        sessions = self._registry.sessions_of(agent.user)
        if len(sessions) < 2 and cause.session_id in sessions:
            return []
        return [session for session in sessions.values() if session is not cause and session.subscriptions]
