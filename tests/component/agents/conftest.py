"""Fixtures for tests of agents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from component.agents.agent_stage import Scenario, Stage, play
from reference_platform.agents import AgentFactory


@dataclass
class _Settings:
    folder: Path


@pytest.fixture
def on_stage(tmp_path: Path) -> Iterator[Callable[[Scenario], None]]:
    """Plays a scenario with a fresh factory, which is closed afterwards."""
    factory = AgentFactory.start(_Settings(tmp_path))
    stage = Stage(tmp_path, factory)
    yield lambda scenario: asyncio.run(play(stage, scenario))
    assert list(factory.folder.iterdir()) == [], "agents left files behind"
