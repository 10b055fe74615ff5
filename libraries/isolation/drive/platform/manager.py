"""Creating, connecting and cleaning up tenant agents (promises TM-1 to TM-3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from isolation.drive.load.engine import Connected, ConnectOptions, SessionState
from isolation.drive.platform.identities import GivenUsers, Person
from isolation.drive.platform.names import LookAlikeIds
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.worker import WorkerEnded, WorkerError
from isolation.target.model import Target

MOST_AGENTS = 50
_MAKE_S, _MAKE_ONE_S = 60.0, 10.0
"""Seconds for making users, for all and for each."""


class Caller(Protocol):
    """Whatever passes calls on to an ``Engine``: a ``Worker``, or the engine itself in a test."""

    def call(self, method: str, *arguments: object, timeout: float = 60.0, **options: object) -> object:
        """Call a method of the engine and wait for its answer."""
        ...


@dataclass(frozen=True, slots=True)
class CleanUpReport:
    """What cleaning up did.

    Attributes:
        closed: Names of the agents whose sessions were closed.
        left: What could not be removed, in words; empty when all is gone.
    """

    closed: tuple[str, ...]
    left: tuple[str, ...]


class TenantAgentManager:
    """Makes tenant agents, connects them, and leaves nothing behind.

    Args:
        engine: Where sessions live.
        target: Says where users come from and how many it can bear.
        run_id: Marks every id that is made.
        most: How many agents may be asked for at once.
        register: Told of users before they are made.
        name_only: Told the name of every tenant of a list of users (platform's tenant id to scenario's name).
    """

    def __init__(
        self,
        engine: Caller,
        target: Target,
        run_id: str,
        most: int = MOST_AGENTS,
        register: Callable[[list[Person]], None] | None = None,
        name_only: Callable[[dict[str, str]], None] | None = None,
    ) -> None:
        """Start without any agent.

        Raises:
            SettingsError: When the target's list of users cannot be read.
        """
        self._engine = engine
        self._ids = LookAlikeIds(run_id, target.tenants.names)
        self._most = min(most, target.tenants.most or most)
        given = target.tenants.given
        self._given = GivenUsers(Path(target.source).parent / given) if given is not None else None
        self._removes = bool(target.tenants.remove) and self._given is None
        self._register = register
        self._name_only = name_only
        self._named = 0
        self._connected: dict[str, TenantAgent] = {}
        self._asked: set[str] = set()
        self.failed: dict[str, str] = {}
        """Why agents could not be connected, by name, from the last attempt."""

    def begin_names(self) -> None:
        """Names start anew with each scenario, so that "tenant 3" is ``tenant-03``; ids stay unique over the run."""
        self._named = 0
        self._ids.begin_group()

    def create_tenant_agents(self, count: int, role: str = "standard", prefix: str = "tenant") -> list[TenantAgent]:
        """Make agents of as many new tenants, each with one user, a token and the address.

        Args:
            count: How many, 0 up to the bound of the manager.
            role: Their role on the platform.
            prefix: Beginning of their names.

        Returns:
            The agents; nothing is connected yet.

        Raises:
            TypeError: When ``count`` is not a whole number (a bool is none).
            ValueError: When it is negative or above the bound.
        """
        if isinstance(count, bool) or not isinstance(count, int):
            raise TypeError(
                f"the count of agents should be a whole number, but it is {count!r} ({type(count).__name__})"
            )
        if not 0 <= count <= self._most:
            raise ValueError(f"the count of agents should be 0 to {self._most}, but it is {count}")
        people = [self._person(role, prefix) for _ in range(count)]
        if self._given is not None:
            return self._registered([self._given.take(person.name, role) for person in people])
        return self._make(people)

    def add_user(self, neighbour: TenantAgent, role: str = "standard") -> TenantAgent:
        """Make an agent of a further user of an existing tenant."""
        self._named += 1
        name = f"{neighbour.name}.{self._named:02d}"
        if self._given is not None:
            return self._registered([self._given.colleague(name, neighbour.tenant_id, role)])[0]
        return self._make([Person(name, neighbour.tenant_id, self._ids.colleague(neighbour.user_id), role)])[0]

    def establish_agent_connections(
        self, agents: list[TenantAgent], options: ConnectOptions | None = None, timeout: float = 120.0
    ) -> list[TenantAgent]:
        """Connect agents concurrently, at most ten handshakes at a time unless told otherwise, with retries.

        Args:
            agents: Whom to connect.
            options: Handshakes at a time, tries, pauses.
            timeout: Seconds for all of it.

        Returns:
            Those that are connected and authenticated, in the given order; ``failed`` names the others and why.

        Raises:
            TypeError: When ``agents`` is not a list, or holds anything but agents.
        """
        self.connect(agents, options, timeout)
        return [agent for agent in agents if agent.name in self._connected]

    def connect(
        self, agents: list[TenantAgent], options: ConnectOptions | None = None, timeout: float = 120.0
    ) -> list[Connected]:
        """As ``establish_agent_connections``, with the times of each opening."""
        if not isinstance(agents, list):
            raise TypeError(f"the agents should be a list, but they are {type(agents).__name__}")
        for agent in agents:
            if not isinstance(agent, TenantAgent):
                raise TypeError(f"the list should hold tenant agents only, but it holds {type(agent).__name__}")
        results: list[Connected] = []
        if agents:
            self._asked.update(agent.name for agent in agents)
            answer = self._engine.call("connect", agents, options or ConnectOptions(), timeout=timeout)
            assert isinstance(answer, list)
            results = answer
        self.failed = {result.name: result.reason for result in results if result.opening is None}
        self._connected.update({agent.name: agent for agent in agents if agent.name not in self.failed})
        return results

    def disconnect(self, agents: list[TenantAgent], gracefully: bool = True) -> None:
        """Close the sessions of some agents, with a close frame or by cutting the connection."""
        self._engine.call("disconnect", [agent.name for agent in agents], gracefully)
        for agent in agents:
            self._connected.pop(agent.name, None)

    @property
    def connected(self) -> list[TenantAgent]:
        """The agents that are connected."""
        return list(self._connected.values())

    def remove(self, agents: Sequence[TenantAgent | Person]) -> list[str]:
        """Take users away again by the steps of the target file; users of a list stay, they were not made here.

        Returns:
            What could not be removed, in words; without steps nothing is left to do.
        """
        if not self._removes or not agents:
            return []
        answer = self._engine.call("remove_users", list(agents), timeout=_MAKE_S + _MAKE_ONE_S * len(agents))
        assert isinstance(answer, dict)
        return [f"user '{name}': {reason}" for name, reason in answer.items() if reason]

    def give_back(self, agents: Sequence[TenantAgent]) -> None:
        """Users of a list are free for the next experiment."""
        if self._given is not None:
            self._given.give_back(agents)

    def cleanup_all_agents(self) -> CleanUpReport:
        """Close every session and forget every agent; may be called any number of times.

        Returns:
            What was closed, and what could not be.
        """
        # Asked for, not connected: an attempt that was cut short may have opened sessions of which nobody was told.
        names = sorted(self._asked)
        try:
            before = self._sessions_of(names)
            self._engine.call("disconnect", names, True)
            after = self._sessions_of(names)
        except WorkerEnded:
            # The kernel has closed the sessions of an engine that ended, whatever ended it.
            self._asked.clear()
            self._connected.clear()
            return CleanUpReport((), ())
        except WorkerError as error:
            return CleanUpReport((), tuple(f"session of {name}: {error}" for name in names))
        self._asked = set(after)
        self._connected = {name: agent for name, agent in self._connected.items() if name in after}
        self.failed = {}
        closed = tuple(name for name in before if name not in after)
        return CleanUpReport(closed, tuple(f"session of {name} is still open" for name in after))

    def _sessions_of(self, names: list[str]) -> list[str]:
        states = self._engine.call("sessions") if names else []
        assert isinstance(states, list)
        open_now = {state.name for state in states if isinstance(state, SessionState)}
        return [name for name in names if name in open_now]

    def _person(self, role: str, prefix: str) -> Person:
        self._named += 1
        tenant, user = self._ids.tenant()
        return Person(f"{prefix}-{self._named:02d}", tenant, user, role)

    def _make(self, people: list[Person]) -> list[TenantAgent]:
        """Written down first, then made: what was begun is never forgotten."""
        if not people:
            return []
        if self._register is not None:
            self._register(people)
        made = self._engine.call("make_users", people, timeout=_MAKE_S + _MAKE_ONE_S * len(people))
        assert isinstance(made, list)
        return made

    def _registered(self, agents: list[TenantAgent]) -> list[TenantAgent]:
        """Users of a list were not made here, so they are named, and never removed."""
        if self._name_only is not None and agents:
            self._name_only({agent.tenant_id: agent.name for agent in agents})
        return agents
