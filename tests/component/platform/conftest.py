"""Fixtures for tests of the whole platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from component.platform.platform_program import PlatformProgram


@pytest.fixture
def platform() -> Iterator[Callable[..., PlatformProgram]]:
    """Starts platforms and cleans up after the test."""
    started: list[PlatformProgram] = []

    def start(*arguments: str, **options: Any) -> PlatformProgram:
        program = PlatformProgram(*arguments, **options)
        started.append(program)
        return program

    yield start
    for program in started:
        program.clean_up()
