"""Work as everyday users ask for it: a little of everything, or much at once."""

from __future__ import annotations

from reference_platform.agents.inside.work import Work
from reference_platform.agents.inside.workloads.memory import block, take
from reference_platform.agents.inside.workloads.processor import burn
from reference_platform.agents.inside.workloads.storage import TemporaryFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TYPICAL_MEMORY_BYTES = 64 * 1024
_TYPICAL_FILE_BYTES = 8 * 1024


def typical(work: Work) -> dict[str, Any]:
    """Read the user's own profile, use some memory and processor time, write a small file."""
    work.call("profile")
    notes = block(_TYPICAL_MEMORY_BYTES)
    burn(work, work.get("milliseconds", 3) / 1000)
    with TemporaryFile(work) as file:
        file.write(_TYPICAL_FILE_BYTES, sync=False)
        file.read(_TYPICAL_FILE_BYTES)
    del notes
    return {}


def heavy(work: Work) -> dict[str, Any]:
    """Use much processor time while holding much memory."""
    blocks = take(work, work.get("megabytes", 64))
    burn(work, work.get("milliseconds", 400) / 1000)
    blocks.clear()
    return {}
