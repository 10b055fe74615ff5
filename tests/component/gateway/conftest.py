"""One running platform for all tests of the gateway."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from sys import path

import pytest

path.insert(0, str(Path(__file__).parent))

from component.gateway.platform_client import RunningPlatform, running_platform

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def platform() -> Iterator[RunningPlatform]:
    """A platform with short times."""
    settings = ("operation_timeout_seconds=2", "heartbeat_seconds=1", "agent_grace_seconds=0.5")
    arguments = [word for setting in settings for word in ("--setting", setting)]
    with running_platform(*arguments) as running:
        yield running


@pytest.fixture
def tenant() -> str:
    """A tenant of this test alone; its users start with its name."""
    return f"tenant-{next(_numbers)}"
