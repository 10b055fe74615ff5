"""The kinds of noise that scenarios can make, and what the platform may name them for."""

from __future__ import annotations

from enum import Enum


class NoiseKind(Enum):
    """What a noisy tenant does."""

    ENDLESS_CALCULATION = "endless_loop"
    MEMORY_HUNGER = "memory_pressure"
    STORM = "io_load"
    MESSAGE_FLOOD = "message_flood"


RESOURCES = {
    NoiseKind.ENDLESS_CALCULATION: ("cpu",),
    NoiseKind.MEMORY_HUNGER: ("memory", "cpu"),
    NoiseKind.STORM: ("io", "database", "cpu"),
    NoiseKind.MESSAGE_FLOOD: ("messages", "cpu"),
}
ARGUMENTS: dict[NoiseKind, dict[str, object]] = {
    NoiseKind.ENDLESS_CALCULATION: {},
    NoiseKind.MEMORY_HUNGER: {"megabytes": 400},
    NoiseKind.STORM: {},
    NoiseKind.MESSAGE_FLOOD: {"bytes": 200},
}
