"""Sampling the processes of all tenants, with everything that they started.

What an agent's tools, interpreters and browsers use is the agent's: children count to the tenant of the process that
started them, unless somebody has said whose they are. Their processor time from before they were first seen is not lost:
each is a process of its own in the record, and its counter starts at its start.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from isolation.record import ProcessRef, Sample
from process_control.family import descendants, started_ticks
from process_control.reading import ProcessGone, ProcessReader

CHILD: Final = "child"
"""How a process was found that one of the named processes had started."""
_FEW: Final = 25
"""Up to this many processes, every sample holds the proportional memory: more would cost more than watching may."""
_FAMILIES: Final = 60
"""Of so many processes the children are looked for in one sweep; of more, in turn."""
_PSS_EVERY_S: Final = 30.0


class ProcessSampler:
    """Keeps one open reader per process."""

    def __init__(self) -> None:
        """Know no process."""
        self.refs: list[ProcessRef] = []
        """The processes that were named, and count."""
        self.ever: dict[tuple[int, int], ProcessRef] = {}
        """Every process that ever counted."""
        self.most = 0
        """Most processes in one sweep."""
        self.sweeps = 0
        self._readers: dict[int, tuple[ProcessRef, ProcessReader]] = {}
        self._children: dict[int, list[ProcessRef]] = {}
        self._next_family = 0
        self._next_pss = 0.0

    def follow(self, refs: Sequence[ProcessRef]) -> None:
        """Sample exactly these processes, and what they started, from now on."""
        self.refs = list(refs)
        self._adopt()

    def forget_costs(self) -> None:
        """Count sweeps anew; proportional memory is due at once."""
        self.sweeps, self.most, self._next_pss = 0, 0, 0.0

    def sweep(self, with_pss: bool | None = None) -> list[Sample]:
        """One sample of every process.

        Args:
            with_pss: Whether proportional memory, threads and peaks are read; when not given, as often as is cheap enough.
        """
        if with_pss is None:
            with_pss = len(self._readers) <= _FEW or time.monotonic() >= self._next_pss
        if with_pss:
            self._next_pss = time.monotonic() + _PSS_EVERY_S
        taken: list[Sample] = []
        for pid, (ref, reader) in list(self._readers.items()):
            try:
                taken.append(_sample(ref, reader, with_pss))
            except ProcessGone:
                reader.close()
                del self._readers[pid]
        self.sweeps += 1
        self.most = max(self.most, len(taken))
        return taken

    def close(self) -> None:
        """Close all readers."""
        for _, reader in self._readers.values():
            reader.close()
        self._readers.clear()

    def _adopt(self) -> None:
        """Open readers for who is new, close those of who no longer counts."""
        named = {ref.pid for ref in self.refs}
        self._children = {pid: refs for pid, refs in self._children.items() if pid in named}
        for ref in self._next_families():
            self._children[ref.pid] = [child for child in _children_of(ref) if child.pid not in named]
        wanted = {ref.pid: ref for refs in self._children.values() for ref in refs}
        wanted |= {ref.pid: ref for ref in self.refs}
        self.ever.update({(ref.pid, ref.started_ticks): ref for ref in wanted.values()})
        for pid, (known, reader) in list(self._readers.items()):
            if pid not in wanted or wanted[pid].started_ticks != known.started_ticks:
                reader.close()
                del self._readers[pid]
        for pid, ref in wanted.items():
            if pid not in self._readers:
                try:
                    self._readers[pid] = (ref, ProcessReader(pid, ref.started_ticks))
                except ProcessGone:
                    continue  # it ended between the answer and now

    def _next_families(self) -> Iterable[ProcessRef]:
        if len(self.refs) <= _FAMILIES:
            return self.refs
        start, self._next_family = self._next_family, (self._next_family + _FAMILIES) % len(self.refs)
        return (self.refs + self.refs)[start : start + _FAMILIES]


def _children_of(ref: ProcessRef) -> list[ProcessRef]:
    found = []
    for pid in descendants(ref.pid):
        try:
            found.append(replace(ref, pid=pid, started_ticks=started_ticks(pid), found_by=CHILD))
        except (ProcessGone, OSError):
            continue  # it has ended already
    return found


def _sample(ref: ProcessRef, reader: ProcessReader, with_pss: bool) -> Sample:
    reading = reader.read()
    return Sample(
        at=reading.at,
        tenant=ref.tenant,
        pid=ref.pid,
        cpu_seconds=reading.cpu_seconds,
        rss_bytes=reading.rss_bytes,
        pss_bytes=reader.pss_bytes() if with_pss else None,
        read_bytes=reading.read_bytes,
        written_bytes=reading.written_bytes,
        handles=reading.handles,
        threads=reader.threads() if with_pss else None,
        shared_bytes=reading.shared_bytes,
        peak_rss_bytes=reader.peak_rss_bytes() if with_pss else None,
    )
