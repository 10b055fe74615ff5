"""Flows of several agents: their steps, who led them, and what a flow has to look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow; times in seconds of the platform's own clock."""

    name: str
    agent: str
    started_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow.

    Attributes:
        tenant: Whose session asked for it.
        user: The user who asked.
        supervisor: The agent that led, or empty.
        steps: Its steps; empty when it was not answered.
        parents: The agents that step events name as their leader.
    """

    tenant: str
    user: str
    supervisor: str
    steps: tuple[Step, ...]
    parents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shape:
    """What a flow has to look like.

    Attributes:
        needs: The steps, each with the steps that must have ended before it starts.
        parallel: Steps that run side by side.
    """

    needs: Mapping[str, frozenset[str]]
    parallel: frozenset[str]
