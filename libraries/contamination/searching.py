"""Searching every place that somebody can see for secrets of somebody else, and saying how hard was searched."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from contamination.decoy import Bait
from contamination.pages import KnownPages
from contamination.secrets import RunSecrets
from isolation.drive.stores.process_memory import Chunk, process_contents
from isolation.judge.data.cross_contamination import CrossContaminationDetector, Inspection, Person, Watch
from isolation.record import Direction, Frame, ProcessRef
from isolation.record.pieces import NotReadable, Piece


@dataclass(slots=True)
class Search:
    """What one search saw.

    Attributes:
        kind: What was searched, in words.
        seen: Probes, findings and controls.
        missed: What could not be looked at.
        control_found: Whether everything that was planted to be found was found.
    """

    kind: str
    seen: Inspection
    missed: list[NotReadable] = field(default_factory=list)
    control_found: bool = False


def search_frames(secrets: RunSecrets, frames: Iterable[Frame], kind: str = "frames") -> Search:
    """Everything that any session received, session by session, so that what is split over frames is found too."""
    detector = secrets.detector()
    watches: dict[str, Watch] = {}
    last = 0.0
    for frame in frames:
        if frame.direction is Direction.RECEIVED:
            last = frame.at
            if frame.session not in watches:
                seer = secrets.person(frame.user)
                watches[frame.session] = detector.stream(kind, f"a frame of {frame.session}", (seer,))
            watches[frame.session].feed(frame.data, frame.at)
    for watch in watches.values():
        watch.finish(last)
    return Search(kind, detector.inspection(kind))


def search_pieces(
    secrets: RunSecrets,
    pieces: Iterable[Piece | NotReadable],
    kind: str,
    *,
    shared: bool = False,
    into: Search | None = None,
) -> Search:
    """Rows, keys, messages or files.

    Args:
        secrets: The secrets of the run.
        pieces: What was read.
        kind: What it is called in the report.
        shared: Whether everybody who may read the place sees all of it, whomever it names (a log).
        into: An earlier search that this one continues.
    """
    detector = secrets.detector()
    search = into or Search(kind, Inspection())
    detector.seen[kind] = search.seen
    # Rows of one table, or lines of one log, that the same people see are read as one text: a secret may be spread over them.
    watches: dict[tuple[str, tuple[Person, ...]], Watch] = {}
    for piece in pieces:
        if isinstance(piece, NotReadable):
            search.missed.append(piece)
            continue
        seers = () if shared else secrets.people_named(piece.owner_hint)
        watch = watches.get((piece.place, seers)) or detector.stream(kind, piece.place, seers)
        watches[piece.place, seers] = watch
        watch.feed(piece.data, time.monotonic(), piece.looks)
    for watch in watches.values():
        watch.finish(time.monotonic())
    return search


def search_processes(
    secrets: RunSecrets, processes: Iterable[ProcessRef], decoy: Bait, kind: str = "agent processes"
) -> Search:
    """Memory, environment, command line and open files of agent processes, and of the suite's own bait process."""
    detector = secrets.detector(binary_numbers=True)
    search = Search(kind, detector.inspection(kind))
    known = KnownPages()
    for process in processes:
        _search_process(detector, search, process.pid, secrets.person(process.user), known)
    looked_at = search.seen.probes
    found = {place for place, count in _controls_by_place(detector, search, decoy).items() if count}
    search.seen.probes = looked_at
    search.control_found = decoy.places <= found
    return search


def _search_process(
    detector: CrossContaminationDetector, search: Search, pid: int, owner: Person, known: KnownPages
) -> None:
    for entry in process_contents(pid):
        if isinstance(entry, NotReadable):
            search.missed.append(entry)
        elif entry.place.startswith(("memory", "shared memory")):
            _search_memory(detector, search, entry, owner, known)
        else:
            place = f"{entry.place} of {owner.tenant}'s agent"
            detector.look(search.kind, place, (owner,), entry.data, time.monotonic())


def _search_memory(
    detector: CrossContaminationDetector, search: Search, chunk: Chunk, owner: Person, known: KnownPages
) -> None:
    """One piece of memory counts as one probe, however much of it was known already."""
    place, seen = f"{chunk.place} of {owner.tenant}'s agent", search.seen
    seen.probes += 1
    for _, content, pairs in known.unknown(chunk.data):
        before = (sum(seen.own.values()), seen.unreadable, seen.controls, len(seen.findings) + seen.more_findings)
        detector.look(search.kind, place, (owner,), content, time.monotonic(), looks=0)
        if before == (sum(seen.own.values()), seen.unreadable, seen.controls, len(seen.findings) + seen.more_findings):
            known.remember(pairs)


def _controls_by_place(detector: CrossContaminationDetector, search: Search, decoy: Bait) -> dict[str, int]:
    """How many controls were found in each place of the bait process."""
    found: dict[str, int] = {}
    for entry in process_contents(decoy.pid):
        if isinstance(entry, Chunk):
            before = search.seen.controls
            detector.look(search.kind, entry.place, (), entry.data, time.monotonic())
            place = entry.place.partition(" /")[0].partition(" [")[0].partition(" anonymous")[0]
            found[place] = found.get(place, 0) + search.seen.controls - before
    return found


def control_file(folder: Path, text: str) -> Path:
    """Put an own file with a control into a folder; whoever asks for it removes it."""
    path = folder / "isolation-control.log"
    path.write_text(f"{text}\n", encoding="utf-8")
    return path
