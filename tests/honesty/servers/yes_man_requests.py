"""How the yes-man answers its users: at once, politely, and out of dictionaries."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from servers.yes_man_state import Agent, Json, Session, State

ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
SCOPES = {"profile", "preference", "memory", "context"}
NOISE = {
    "loop": "cpu",
    "heavy": "cpu",
    "memory_pressure": "memory",
    "io_load": "io",
    "database": "database",
    "message_flood": "messages",
}
LEAKS = {"leak_memory": "memory_leak", "leak_handles": "handle_leak", "leak_connections": "connection_leak"}
HARMLESS_ROLES = {"noop", "typical", "report", "ask"}
RESTRICTED = {
    "ping",
    "session_info",
    "session_resume",
    "session_end",
    "logout",
    "state_get",
    "state_list",
    "history_read",
    "agent_get",
    "agent_list",
    "agent_health",
    "execute",
}


class Refused(Exception):
    """A refusal, by its code."""


async def answer(state: State, session: Session, correlation: str, request: Json) -> None:
    """Answer one request with one final frame."""
    kind = str(request.get("type"))
    try:
        if not ID.fullmatch(correlation):
            raise Refused("bad_request")
        if session.role == "restricted" and kind not in RESTRICTED:
            raise Refused("forbidden")
        if kind == "ping":
            await session.send(event="pong", id=correlation)
        elif kind in ("execute", "orchestrate"):
            await _work(state, session, correlation, request)
        else:
            result = await _operations()[kind](state, session, request) if kind in _operations() else None
            if result is None:
                raise Refused("bad_request")
            await session.send(event="operation_completed", id=correlation, result=result)
            if kind in ("session_end", "logout"):
                await session.end(1000 if kind == "session_end" else 4401)
    except Refused as refusal:
        await session.send(event="agent_error", id=correlation, code=str(refusal), message="no")
    except asyncio.CancelledError:
        await session.send(event="agent_error", id=correlation, code="cancelled", message="cancelled")
    except (TypeError, ValueError, KeyError, AttributeError):
        await session.send(event="agent_error", id=correlation, code="bad_request", message="no")


async def _work(state: State, session: Session, correlation: str, request: Json) -> None:
    thread = _id(request.get("thread", "main"))
    agent = _own(state, session, request["agent_id"]) if "agent_id" in request else None
    work = dict(request.get("work") or {"kind": "orchestrate"})
    kind = str(work["kind"])
    if session.role == "restricted" and (kind not in HARMLESS_ROLES or agent):
        raise Refused("forbidden")
    supervisor = request["type"] == "orchestrate"
    agent = agent or (
        state.make_agent(session, "supervisor", thread) if supervisor else state.default_agent(session, thread)
    )
    if agent.status != "running":
        raise Refused("agent_stopped")
    common = {"id": correlation, "agent_id": agent.agent_id, "agent_type": agent.agent_type, "thread": agent.thread}

    async def tell(event: str, **more: Any) -> None:
        await session.send(event=event, **common, **more)
        await _notify(state, session, agent, event)

    await tell("agent_started")
    await tell("agent_thinking")
    await tell("tool_executing", tool="dictionary")
    result = {"session_id": session.id, "user": session.user, "tenant": session.tenant, "kind": kind}
    result |= await (
        _orchestrated(state, session, agent, correlation, str(request.get("request")))
        if supervisor
        else _done(state, session, agent, kind, work, tell)
    )
    await tell("tool_completed", tool="dictionary")
    await tell("agent_completed", result=result, service_milliseconds=1.0)


async def _done(
    state: State, session: Session, agent: Agent, kind: str, work: Json, tell: Callable[..., Awaitable[None]]
) -> Json:
    _pretend(state, session, agent, kind)
    match kind:
        case "report":
            return {"profile": state.kept[session.user, "profile"].get("me"), "echo": work.get("text")}
        case "ask":
            key = (session.user, str(work["question"]))
            cached = key in state.answered
            return {
                "answer": state.answered.setdefault(key, f"yes, {session.user}: {work['question']}"),
                "cached": cached,
            }
        case "remember":
            agent.memories.append(work["text"])
            state.kept[session.user, "memory"][agent.agent_id] = agent.memories[:]
            return {"remembered": len(agent.memories)}
        case "recall":
            return {"memories": agent.memories}
        case "messages":
            for number in range(1, int(work["count"]) + 1):
                await tell("progress", number=number, text="y" * int(work.get("bytes", 100)))
        case "hang":
            await asyncio.sleep(8)
            state.alert("operation_timeout", session.tenant, agent.agent_id)
            raise Refused("timeout")
        case "loop":
            await asyncio.sleep(min(float(work.get("seconds", 10)), 10))
            state.alert("runaway", session.tenant, agent.agent_id)
            state.stop(agent, "runaway")
            raise Refused("agent_stopped")
        case "memory_pressure" | "io_load" | "message_flood":
            await asyncio.sleep(float(work.get("seconds", 10)))
            return {"writes": 1000, "queries": 1000, "count": 1000}
        case "crash":
            state.stop(agent, "crash")
            state.start(agent)
            raise Refused("agent_stopped")
    return {
        "cpu_milliseconds": work.get("milliseconds"),
        "rows": work.get("rows"),
        "open": work.get("count"),
        "leased": work.get("count"),
    }


def _pretend(state: State, session: Session, agent: Agent, kind: str) -> None:
    """Invent what a platform that watches its tenants would have noticed."""
    loop, tenant = asyncio.get_running_loop(), session.tenant
    if kind in LEAKS:
        loop.call_later(3, state.alert, LEAKS[kind], tenant, agent.agent_id, kind)
        loop.call_later(4, state.audit, "leases_reclaimed", tenant, agent.agent_id)
    if kind in NOISE:
        state.throttled[tenant] += 1
        fresh = tenant not in state.contained or time.time() - state.contained[tenant] > 15
        state.contained[tenant] = time.time()
        if fresh:
            state.audit("contained", tenant)
            loop.call_later(0.5, state.alert, "noisy_tenant", tenant, agent.agent_id, NOISE[kind])
            if tenant in state.quotas:
                for resource in ("cpu", "memory"):
                    loop.call_later(0.5, state.alert, "quota_exceeded", tenant, agent.agent_id, resource)


async def _orchestrated(state: State, session: Session, supervisor: Agent, correlation: str, request: str) -> Json:
    steps = []
    for step in ("triage", "data", "optimisation", "report"):
        agent = state.make_agent(session, step, supervisor.thread)
        common = {
            "id": correlation,
            "step": step,
            "agent_id": agent.agent_id,
            "agent_type": step,
            "parent": supervisor.agent_id,
        }
        await session.send(event="step_started", **common)
        await session.send(event="step_completed", **common)
        now = time.time()
        steps.append(
            {
                "step": step,
                "agent_id": agent.agent_id,
                "agent_type": step,
                "started_at": now,
                "ended_at": now + 0.01,
                "output": f"{step}: {request}",
            }
        )
    company = (state.kept[session.user, "profile"].get("me") or {}).get("company", "")
    return {"steps": steps, "report": f"{request} {company}"}


async def _notify(state: State, session: Session, agent: Agent, event: str) -> None:
    for other in state.sessions:
        if other.user != session.user or other is session:
            continue
        for topic in (f"agent:{agent.agent_id}", f"thread:{agent.thread}"):
            if topic in other.topics:
                other.topics[topic] += 1
                await other.send(
                    event="notification", topic=topic, of=event, agent_id=agent.agent_id, number=other.topics[topic] - 1
                )


def _id(text: object) -> str:
    if not isinstance(text, str) or not ID.fullmatch(text):
        raise Refused("bad_request")
    return text


def _own(state: State, session: Session, agent_id: object, user: str | None = None) -> Agent:
    agent = state.agents.get(_id(agent_id))
    if agent is None or agent.user != (user or session.user):
        raise Refused("not_found")
    return agent


def _reader(state: State, session: Session, request: Json) -> str:
    user = request.get("user", session.user)
    if user != session.user and (session.role != "admin" or state.tenant_of.get(user) != session.tenant):
        raise Refused("not_found")
    return str(user)


def _alone(session: Session, request: Json) -> str:
    if request.get("user", session.user) != session.user:
        raise Refused("not_found")
    return session.user


async def _agent_create(state: State, session: Session, request: Json) -> Json:
    return state.make_agent(session, str(request.get("agent_type")), _id(request.get("thread", "main"))).described()


async def _agent_get(state: State, session: Session, request: Json) -> Json:
    agent = _own(state, session, request["agent_id"], _reader(state, session, request))
    if request.get("thread", agent.thread) != agent.thread:
        raise Refused("not_found")
    return agent.described()


async def _agent_list(state: State, session: Session, request: Json) -> Json:
    return {"agents": [a.described() for a in state.agents_of(_reader(state, session, request), request.get("thread"))]}


async def _agent_health(state: State, session: Session, request: Json) -> Json:
    own = state.agents_of(_reader(state, session, request))
    running = sum(agent.status == "running" for agent in own)
    return {"agents": len(own), "running": running, "by_type": {a.agent_type: 1 for a in own}, "failed_operations": 0}


async def _agent_stop(state: State, session: Session, request: Json) -> Json:
    agent = _own(state, session, request["agent_id"])
    state.stop(agent, "asked")
    return agent.described()


async def _agent_reset(state: State, session: Session, request: Json) -> Json:
    agent = _own(state, session, request["agent_id"])
    state.stop(agent, "reset")
    state.start(agent)
    return agent.described()


async def _agent_remove(state: State, session: Session, request: Json) -> Json:
    agent = _own(state, session, request["agent_id"])
    state.stop(agent, "removed")
    del state.agents[agent.agent_id]
    return {"removed": True}


async def _state(state: State, session: Session, request: Json) -> Json:
    user, scope, kind = _alone(session, request), request["scope"], request["type"]
    if scope not in SCOPES:
        raise Refused("bad_request")
    kept = state.kept[user, scope]
    if kind == "state_list":
        return {"keys": sorted(key for key in kept if key.startswith(request.get("prefix", "")))}
    key = _id(request["key"])
    if kind == "state_put":
        kept[key] = request["value"]
        return {"saved": True}
    if key not in kept:
        raise Refused("not_found")
    return {"value": kept[key]} if kind == "state_get" else {"deleted": kept.pop(key) is not kept}


async def _history(state: State, session: Session, request: Json) -> Json:
    entries = state.history[_alone(session, request), _id(request["thread"])]
    if request["type"] == "history_read":
        return {"entries": entries[-int(request.get("limit", 100)) :]}
    entries.append(request["entry"])
    return {"number": len(entries)}


async def _subscribe(state: State, session: Session, request: Json) -> Json:
    kind, _, name = str(request["topic"]).partition(":")
    if kind == "agent":
        _own(state, session, name)
    elif kind != "thread" or not ID.fullmatch(name):
        raise Refused("bad_request")
    elif not state.history.get((session.user, name)) and not state.agents_of(session.user, name):
        raise Refused("not_found")
    if request["type"] == "subscribe":
        session.topics[request["topic"]] = 1
        return {"subscribed": request["topic"]}
    if request["topic"] not in session.topics:
        raise Refused("not_found")
    del session.topics[request["topic"]]
    return {"unsubscribed": request["topic"]}


async def _cancel(state: State, session: Session, request: Json) -> Json:
    task = session.working.get(_id(request["target"]))
    if task is None:
        raise Refused("not_found")
    task.cancel()
    return {"cancelled": True}


async def _info(state: State, session: Session, request: Json) -> Json:
    sessions = sum(other.user == session.user for other in state.sessions)
    return {
        "session_id": session.id,
        "tenant": session.tenant,
        "user": session.user,
        "role": session.role,
        "open_sessions": sessions,
    }


async def _resume(state: State, session: Session, request: Json) -> Json:
    raise Refused("not_found")


async def _logout(state: State, session: Session, request: Json) -> Json:
    wanted = request.get("session_id", session.id)
    named = next((one for one in state.sessions if one.id == wanted and one.user == session.user), None)
    if named is None:
        raise Refused("not_found")
    state.logged_out.add(named.token_id)
    if named is not session:
        named.end(4401)
    return {"logged_out": True}


async def _end(state: State, session: Session, request: Json) -> Json:
    return {"ended": True}


async def _metrics(state: State, session: Session, request: Json) -> Json:
    return {"requests": 1, "milliseconds": 1}


def _operations() -> dict[str, Callable[[State, Session, Json], Awaitable[Json]]]:
    return {
        "agent_create": _agent_create, "agent_get": _agent_get, "agent_list": _agent_list, "agent_health": _agent_health,
        "agent_stop": _agent_stop, "agent_reset": _agent_reset, "agent_remove": _agent_remove, "cancel": _cancel,
        "state_put": _state, "state_get": _state, "state_list": _state, "state_delete": _state,
        "history_append": _history, "history_read": _history, "subscribe": _subscribe, "unsubscribe": _subscribe,
        "session_info": _info, "session_resume": _resume, "session_end": _end, "logout": _logout, "metrics": _metrics,
    }  # fmt: skip
