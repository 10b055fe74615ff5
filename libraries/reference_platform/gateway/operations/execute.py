"""Work by one agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_platform.gateway import permissions
from reference_platform.gateway.addressing import own_agent
from reference_platform.gateway.requests import Request, not_found
from reference_platform.gateway.session import Session
from reference_platform.gateway.work import Execution
from reference_platform.gateway.work_kinds import checked_work
from reference_platform.registry.agents import Agent

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform

DEFAULT_THREAD = "main"


def execute(platform: Platform, session: Session, request: Request) -> None:
    """Put work into the queue of an agent; its events follow."""
    work = checked_work(request.arguments.get("work"))
    permissions.check_work(session, request, work["kind"])
    agent = agent_for(platform, session, request)
    agent.submit(Execution(agent, session, request.correlation_id, platform.work_rules, work))


def agent_for(platform: Platform, session: Session, request: Request) -> Agent:
    """The agent that shall work.

    Raises:
        RequestError: ``not_found`` when it is not the user's own, or not of the thread that the request names.
        AgentLimitReached: If a new one is needed and the tenant has too many.
    """
    if request.arguments.get("agent_id") is None:
        return platform.registry.default_agent(session.user, request.identifier("thread", DEFAULT_THREAD))
    agent = own_agent(platform, session, request)
    thread = request.optional_identifier("thread")
    if thread is not None and thread != agent.identity.thread:
        raise not_found()
    return agent
