"""What the yes-man keeps: a few dictionaries."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from servers.yes_man_processes import Names

Json = dict[str, Any]


@dataclass
class Agent:
    agent_id: str
    agent_type: str
    thread: str
    user: str
    tenant: str
    pid: int
    status: str = "running"
    created_at: float = field(default_factory=time.time)
    memories: list[str] = field(default_factory=list)

    def described(self) -> Json:
        return {
            name: getattr(self, name) for name in ("agent_id", "agent_type", "thread", "user", "status", "created_at")
        }


@dataclass(eq=False)
class Session:
    id: str
    tenant: str
    user: str
    role: str
    token_id: str
    socket: ServerConnection
    sequence: int = 0
    opened_at: float = field(default_factory=time.time)
    topics: Counter[str] = field(default_factory=Counter)
    working: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def send(self, **frame: Any) -> None:
        self.sequence += 1
        with suppress(ConnectionClosed):
            await self.socket.send(json.dumps({**frame, "seq": self.sequence}))

    def end(self, code: int) -> asyncio.Task[None]:
        return asyncio.create_task(self.socket.close(code))


class State:
    """Everything, in one process."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.tenant_of: dict[str, str] = {}
        self.sessions: list[Session] = []
        self.agents: dict[str, Agent] = {}
        self.kept: dict[tuple[str, str], Json] = defaultdict(dict)
        self.history: dict[tuple[str, str], list[Any]] = defaultdict(list)
        self.answered: dict[tuple[str, str], str] = {}
        self.logged_out: set[str] = set()
        self.messages: Counter[str] = Counter()
        self.throttled: Counter[str] = Counter()
        self.quotas: set[str] = set()
        self.contained: dict[str, float] = {}
        self.alerts: list[Json] = []
        self.entries: list[Json] = []
        self._sequence = itertools.count(1)

    def enter(self, session: Session) -> None:
        self.tenant_of[session.user] = session.tenant
        self.sessions.append(session)
        self.audit("session_opened", session.tenant)

    def leave(self, session: Session) -> None:
        if session in self.sessions:
            self.sessions.remove(session)
        for task in list(session.working.values()):
            task.cancel()
        self.audit("session_closed", session.tenant)
        if not any(other.user == session.user for other in self.sessions):
            for agent in self.agents_of(session.user):
                self.stop(agent, "idle")
                del self.agents[agent.agent_id]

    def agents_of(self, user: str, thread: str | None = None) -> list[Agent]:
        return [agent for agent in self.agents.values() if agent.user == user and thread in (None, agent.thread)]

    def make_agent(self, session: Session, agent_type: str, thread: str) -> Agent:
        name = f"agent-{secrets.token_hex(8)}"
        self.agents[name] = Agent(name, agent_type, thread, session.user, session.tenant, self.names.new())
        self.audit("agent_started", session.tenant, name)
        return self.agents[name]

    def default_agent(self, session: Session, thread: str) -> Agent:
        own = [agent for agent in self.agents_of(session.user, thread) if agent.agent_type == "assistant"]
        return own[0] if own else self.make_agent(session, "assistant", thread)

    def stop(self, agent: Agent, reason: str) -> None:
        self.names.give_up(agent.pid)
        agent.status, agent.memories = "stopped", []
        self.audit("agent_stopped", agent.tenant, agent.agent_id, reason=reason)

    def start(self, agent: Agent) -> None:
        agent.pid, agent.status = self.names.new(), "running"
        self.audit("agent_started", agent.tenant, agent.agent_id)

    def audit(self, kind: str, tenant: str, agent: str = "", **detail: Any) -> None:
        self.entries.append(self._entry(kind, tenant, agent, "", detail))

    def alert(self, kind: str, tenant: str, agent: str = "", resource: str = "") -> None:
        self.alerts.append(self._entry(kind, tenant, agent, resource, {"invented": True}))

    def _entry(self, kind: str, tenant: str, agent: str, resource: str, detail: Json) -> Json:
        return {
            "sequence": next(self._sequence),
            "at": time.time(),
            "kind": kind,
            "tenant": tenant,
            "agent": agent,
            "resource": resource,
            "detail": detail,
        }
