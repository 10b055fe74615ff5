"""The clean-up journal: which tenants a run has made on a platform, written down before they are made.

A suite that was killed cannot clean up. The next run reads the journal and removes what the last one left. A platform that
the suite starts itself goes with it; the journal matters for platforms that run on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path


class Journal:
    """A file of tenants to remove, one JSON line each; only the owner can read it.

    Args:
        path: The file.
        target: Name of the target; other targets' lines are left alone.
    """

    def __init__(self, path: Path, target: str) -> None:
        """Remember where the journal is; nothing is written yet."""
        self._path = path
        self._target = target

    def add(self, tenants: Iterable[str]) -> None:
        """Write tenants down, before they are made."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps({"target": self._target, "tenant": tenant}) + "\n" for tenant in tenants)
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())

    def left(self) -> list[str]:
        """Tenants of this target that no run has removed."""
        return [tenant for target, tenant in self._entries() if target == self._target]

    def removed(self, tenants: Iterable[str]) -> None:
        """Strike out tenants that are gone."""
        gone = {(self._target, tenant) for tenant in tenants}
        rest = [entry for entry in self._entries() if entry not in gone]
        if not rest:
            self._path.unlink(missing_ok=True)
            return
        temporary = self._path.with_suffix(".new")
        temporary.write_text("".join(json.dumps({"target": t, "tenant": n}) + "\n" for t, n in rest), encoding="utf-8")
        os.replace(temporary, self._path)

    def _entries(self) -> list[tuple[str, str]]:
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        entries = []
        for line in lines:
            try:
                entry = json.loads(line)
                entries.append((str(entry["target"]), str(entry["tenant"])))
            except (ValueError, KeyError, TypeError):
                continue  # the last line of a run that was killed while it wrote
        return entries
