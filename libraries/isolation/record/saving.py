"""Which fields of a record are written to disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field
from types import MappingProxyType
from typing import Any

NOT_SAVED: Mapping[str, bool] = MappingProxyType({"saved": False})
"""For ``dataclasses.field(metadata=NOT_SAVED)``: what users said and got holds their secrets and stays in memory.

Such a field needs a default, which it has after loading; no judge may read it.
"""


def is_saved(item: Field[Any]) -> bool:
    """Whether a field is written to disk."""
    return bool(item.metadata.get("saved", True))
