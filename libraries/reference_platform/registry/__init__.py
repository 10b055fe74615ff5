"""What exists: tenants, users, their sessions and their agents."""

from reference_platform.registry.agent import AGENT_TYPES, Agent
from reference_platform.registry.jobs import Job
from reference_platform.registry.registry import AgentLimitReached, Registry
from reference_platform.registry.session import Session
from reference_platform.registry.tenants import Counters, Quota, Tenant, User

__all__ = [
    "AGENT_TYPES",
    "Agent",
    "AgentLimitReached",
    "Counters",
    "Job",
    "Quota",
    "Registry",
    "Session",
    "Tenant",
    "User",
]
