"""A stand-in for the gateway, and agents that do as they are told: everything started here is gone afterwards."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from process_control import family
from reference_platform.governor.client import GovernorClient
from reference_platform.governor.messages import (
    AgentStarted,
    AgentStopped,
    Alert,
    Audit,
    FromGovernor,
    Usage,
)
from reference_platform.governor.settings import EnforcementChoice, GovernorSettings

_AGENT = """
import mmap, os, sys, tempfile, threading, time
held, state, files = [], ["idle"], []
def work():
    while True:
        kind = state[0]
        if kind == "burn":
            sum(range(2000))
        elif kind == "light":
            end = time.process_time() + .002
            while time.process_time() < end: pass
            time.sleep(.2)
        elif kind == "store":
            with tempfile.TemporaryFile() as file:
                for _ in range(40):
                    file.write(b"x" * 100_000); file.flush(); os.fsync(file)
        elif kind == "churn":
            with mmap.mmap(-1, 1 << 20) as memory: memory.write(bytes(1 << 20))
        elif kind == "leak":
            held.append(bytearray(100_000)); time.sleep(.02)
        else:
            time.sleep(.02)
threading.Thread(target=work, daemon=True).start()
print("ready", flush=True)
for line in sys.stdin:
    word, _, number = line.strip().partition(" ")
    if word == "take":
        block = bytearray(int(number)); block[::4096] = b"x" * len(block[::4096]); held.append(block)
    elif word == "open":
        files += [open("/dev/null") for _ in range(int(number))]
    else:
        state[0] = word
    print("done", flush=True)
"""

FAST = {
    "cpu_quota_percent": 20,
    "sample_seconds": 0.25,
    "noisy_seconds": 1.0,
    "hold_seconds": 1.5,
    "leak_window_seconds": 4.0,
    "handle_idle_seconds": 0.3,
    "lease_idle_seconds": 0.5,
}
"""Short times, so that a test ends soon, and a small quota, which can be used up on a busy machine too."""


def settings(enforcement: EnforcementChoice, **changes: float) -> GovernorSettings:
    """Settings for a test.

    Args:
        enforcement: Which way.
        changes: Settings besides ``FAST``.
    """
    return GovernorSettings(enforcement=enforcement, **{**FAST, **changes})  # type: ignore[arg-type]  # mixed numbers


class Agent:
    """One real process of one tenant."""

    def __init__(self, name: str, tenant: str) -> None:
        self.name, self.tenant = name, tenant
        command = [sys.executable, "-S", "-c", _AGENT]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout
        self.process.stdout.readline()

    @property
    def started(self) -> AgentStarted:
        """What the gateway tells about it."""
        pid = self.process.pid
        return AgentStarted(self.name, self.tenant, f"user-{self.name}", pid, family.started_ticks(pid))

    def tell(self, word: str) -> None:
        """Give it something to do; it may be stopped or slow, so nobody waits for it."""
        assert self.process.stdin
        self.process.stdin.write(f"{word}\n".encode())
        self.process.stdin.flush()

    def end(self) -> None:
        """End it by force and collect it."""
        self.process.kill()
        self.process.communicate()


class Gateway:
    """Starts a governor and agents, and keeps what the governor says."""

    def __init__(self, chosen: GovernorSettings) -> None:
        self.client = GovernorClient.start(chosen)
        self.heard: list[FromGovernor] = []
        self.agents: list[Agent] = []
        self.lost = False

    async def open(self) -> None:
        """Wait for the governor."""
        await self.client.open(self.heard.append, self._on_lost)

    async def agent(self, name: str, tenant: str) -> Agent:
        """Start an agent and put it under its quotas."""
        agent = Agent(name, tenant)
        self.agents.append(agent)
        assert await self.client.attach(agent.started)
        return agent

    def stopped(self, agent: Agent) -> None:
        """Tell the governor that an agent has ended."""
        self.client.send(AgentStopped(agent.name, agent.process.pid))

    async def wait_for(self, condition: Callable[[], object], seconds: float = 10) -> bool:
        """Wait until something is so, at most for some time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.05)
        return True

    def alerts(self, kind: str) -> list[Alert]:
        """All alerts of a kind."""
        return [entry for entry in self.heard if isinstance(entry, Alert) and entry.kind == kind]

    def audits(self, kind: str) -> list[Audit]:
        """All audit entries of a kind."""
        return [entry for entry in self.heard if isinstance(entry, Audit) and entry.kind == kind]

    def said(self, kind: type[FromGovernor]) -> list[FromGovernor]:
        """All messages of one type."""
        return [entry for entry in self.heard if isinstance(entry, kind)]

    def usage(self, tenant: str) -> dict[str, object]:
        """The latest usage of a tenant; empty before the first sample."""
        latest = [entry for entry in self.heard if isinstance(entry, Usage)][-1:]
        found = [entry for usage in latest for entry in usage.tenants if entry.tenant == tenant]
        return asdict(found[0]) if found else {}

    async def close(self) -> None:
        """End everything."""
        for agent in self.agents:
            agent.end()
        await self.client.close()

    def _on_lost(self) -> None:
        self.lost = True
