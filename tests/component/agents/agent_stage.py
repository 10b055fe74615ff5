"""A factory with a small platform around it, for tests of agents."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reference_platform.agents import AgentFactory, AgentFailure, AgentIdentity, AgentProcess, WorkResult


@dataclass
class Stage:
    """Spawns agents and serves what they ask for.

    Attributes:
        folder: The platform's folder.
        factory: The factory under test.
        events: What agents said, in order.
        calls: What agents asked for: name and arguments.
        memories: What agents saved.
        cache: Answers.
        slow_calls: Names of calls that are never answered.
        refused_calls: Names of calls that are refused.
    """

    folder: Path
    factory: AgentFactory
    events: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    memories: list[str] = field(default_factory=list)
    cache: dict[str, str] = field(default_factory=dict)
    slow_calls: set[str] = field(default_factory=set)
    refused_calls: set[str] = field(default_factory=set)
    ended_calls: list[str] = field(default_factory=list)

    async def agent(self, number: int = 1, go: bool = True) -> AgentProcess:
        """A new agent of tenant and user of that number."""
        identity = AgentIdentity(f"agt_{number:024x}", f"tenant-{number}", f"user-{number}", "assistant", "main")
        process = await self.factory.spawn(identity, self.on_call)
        if go:
            await process.go()
        return process

    async def on_call(self, name: str, arguments: dict[str, Any]) -> Any:
        """Serve a call as a gateway would."""
        self.calls.append((name, arguments))
        if name in self.refused_calls:
            raise AgentFailure("quota_exceeded", "no more of it")
        if name in self.slow_calls:
            try:
                await asyncio.Event().wait()
            finally:
                self.ended_calls.append(name)
        match name:
            case "profile":
                return {"company": "Acme"}
            case "memory_save":
                self.memories.append(arguments["text"])
            case "memory_load":
                return list(self.memories)
            case "cache_get":
                return self.cache.get(arguments["question"])
            case "cache_put":
                self.cache[arguments["question"]] = arguments["answer"]
            case "database":
                return arguments["rows"]
            case "lease":
                return f"lease-{len(self.calls)}"
        return None

    async def work(self, process: AgentProcess, kind: str, name: str = "work", **arguments: Any) -> WorkResult:
        """Let an agent work."""
        return await process.run(name, "ses_1", {"kind": kind, **arguments}, self.events.append)

    def start(self, process: AgentProcess, kind: str, name: str, **arguments: Any) -> asyncio.Task[WorkResult]:
        """Let an agent work without waiting for it."""
        return asyncio.ensure_future(self.work(process, kind, name, **arguments))


Scenario = Callable[[Stage], Awaitable[None]]


async def play(stage: Stage, scenario: Scenario) -> None:
    """Open the factory, play, close it."""
    await stage.factory.open()
    try:
        async with asyncio.timeout(30):
            await scenario(stage)
    finally:
        await stage.factory.close()


async def until(condition: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.01)


async def failure_of(work: Awaitable[WorkResult]) -> str:
    """The code with which work fails."""
    try:
        result = await work
    except AgentFailure as failure:
        return failure.code
    raise AssertionError(f"it did not fail but gave {result}")
