"""The kinds of work of PROTOCOL.md: for each the tool that it uses and the function that does it."""

from __future__ import annotations

from reference_platform.agents.inside.work import Work
from reference_platform.agents.inside.workloads import (
    answers,
    growth,
    leaks,
    memory,
    messages,
    mixed,
    notebook,
    processor,
    storage,
    trouble,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

WORKLOADS: dict[str, tuple[str, Callable[[Work], dict[str, Any]]]] = {
    "noop": ("nothing", trouble.noop),
    "cpu": ("calculator", processor.cpu),
    "memory": ("memory", memory.memory),
    "disk": ("files", storage.disk),
    "database": ("database", storage.database),
    "messages": ("messenger", messages.messages),
    "typical": ("assistant", mixed.typical),
    "heavy": ("calculator", mixed.heavy),
    "report": ("profile", answers.report),
    "ask": ("library", answers.ask),
    "remember": ("notebook", notebook.remember),
    "recall": ("notebook", notebook.recall),
    "loop": ("calculator", processor.loop),
    "memory_pressure": ("memory", memory.memory_pressure),
    "io_load": ("files", storage.io_load),
    "message_flood": ("messenger", messages.message_flood),
    "leak_memory": ("memory", leaks.leak_memory),
    "leak_handles": ("files", leaks.leak_handles),
    "leak_connections": ("database", leaks.leak_connections),
    "hang": ("nothing", trouble.hang),
    "warm_up": ("memory", growth.warm_up),
    "cache": ("memory", growth.cache),
    "saw_tooth": ("memory", growth.saw_tooth),
    "crash": ("nothing", trouble.crash),
}
