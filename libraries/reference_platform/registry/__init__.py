"""What exists: tenants, users, and the agents of each user."""

from reference_platform.registry.agents import AGENT_TYPES, Agent
from reference_platform.registry.jobs import Job
from reference_platform.registry.registry import AgentLimitReached, Registry
from reference_platform.registry.tenants import Counters, Tenant, User

__all__ = ["AGENT_TYPES", "Agent", "AgentLimitReached", "Counters", "Job", "Registry", "Tenant", "User"]
