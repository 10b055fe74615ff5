"""Searching every place that somebody can see for secrets of somebody else, and saying how hard was searched."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from isolation.drive.stores.process_memory import Chunk, process_contents
from isolation.record import Direction, Frame, ProcessRef
from isolation.record.secrets.pieces import NotReadable, Piece
from isolation.record.secrets.searches import Planted, Search
from isolation.scenarios.secrets.decoy import DecoyProcess
from isolation.scenarios.secrets.detector import CrossContaminationDetector, Inspection, Watch
from isolation.scenarios.secrets.known_credentials import Person
from isolation.scenarios.secrets.pages import KnownPages
from isolation.scenarios.secrets.run_secrets import RunSecrets

CONTROL_FILE = "isolation-control.log"


@dataclass(slots=True)
class SeenInFrames:
    """What was seen in the frames of some sessions.

    Attributes:
        seen: What their search saw.
        owners: The tenants that received anything.
    """

    seen: Inspection = field(default_factory=Inspection)
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FrameSearch:
    """Searches frames where they are: handed to the load engine.

    Attributes:
        kind: What the frames are called in the report.
    """

    secrets: RunSecrets
    kind: str = "frames"

    def __call__(self, frames: Iterable[Frame]) -> SeenInFrames:
        """Everything that any session received, session by session, so that what is split over frames is found too."""
        detector = self.secrets.detector()
        watches: dict[str, Watch] = {}
        owners: dict[str, None] = {}
        last = 0.0
        for frame in frames:
            if frame.direction is Direction.RECEIVED:
                last = frame.at
                if frame.session not in watches:
                    seer = self.secrets.person(frame.user)
                    owners[seer.tenant] = None
                    watches[frame.session] = detector.stream(self.kind, f"a frame of {frame.session}", (seer,))
                watches[frame.session].feed(frame.data, frame.at)
        for watch in watches.values():
            watch.finish(last)
        return SeenInFrames(detector.inspection(self.kind), tuple(owners))

    def search(self, parts: Sequence[SeenInFrames], planted: Planted | None = None) -> Search:
        """What was seen in all parts together.

        Args:
            parts: What was seen by each engine in its own sessions.
            planted: What has to be found; without it, own secrets of everybody who received anything.
        """
        seen, owners = Inspection(), dict[str, None]()
        for part in parts:
            seen.add(part.seen)
            owners.update(dict.fromkeys(part.owners))
        return seen.search(self.kind, planted or Planted(owners=tuple(owners)))


def search_frames(
    secrets: RunSecrets, frames: Iterable[Frame], planted: Planted | None = None, kind: str = "frames"
) -> Search:
    """Search frames that are here.

    Args:
        frames: All frames of all sessions.
        planted: What has to be found; without it, own secrets of everybody who received anything.
        kind: What they are called in the report.
    """
    search = FrameSearch(secrets, kind)
    return search.search([search(frames)], planted)


class PieceSearch:
    """A search of rows, keys, messages or files, piece by piece.

    Args:
        secrets: The secrets of the run.
        kind: What is searched, in words.
        shared: Whether everybody who may read the place sees all of it, whomever it names (a log).
        at_rest: Whether it is a store of the platform's own: see ``RunSecrets.detector``.
        into: What an earlier search saw, which this one continues.
    """

    def __init__(
        self,
        secrets: RunSecrets,
        kind: str,
        *,
        shared: bool = False,
        at_rest: bool = False,
        into: Inspection | None = None,
    ) -> None:
        """Nothing has been looked at."""
        self._secrets = secrets
        self._detector = secrets.detector(at_rest=at_rest)
        self._kind = kind
        self._shared = shared
        self.seen = into or self._detector.inspection(kind)
        self.missed: list[NotReadable] = []
        self._detector.seen[kind] = self.seen

    def look_at(self, pieces: Iterable[Piece | NotReadable]) -> None:
        """Look at everything that was read; rows or lines of one place that the same people see are read as one text."""
        watches: dict[tuple[str, tuple[Person, ...]], Watch] = {}
        for piece in pieces:
            if isinstance(piece, NotReadable):
                self.missed.append(piece)
                continue
            seers = () if self._shared else self._secrets.people_named(piece.owner_hint)
            watch = watches.get((piece.place, seers)) or self._detector.stream(self._kind, piece.place, seers)
            watches[piece.place, seers] = watch
            watch.feed(piece.data, time.monotonic(), piece.looks)
        for watch in watches.values():
            watch.finish(time.monotonic())

    def search(self, planted: Planted, own_probes: int = 0) -> Search:
        """What was seen, for the record; ``own_probes`` were planted by the suite itself."""
        return self.seen.search(self._kind, planted, self.missed, own_probes)


def search_processes(
    secrets: RunSecrets,
    processes: Iterable[ProcessRef],
    decoy: DecoyProcess,
    files: Iterable[Piece | NotReadable] = (),
    planted: Planted | None = None,
    kind: str = "agent processes",
) -> Search:
    """Memory, environment, command line and open files of agent processes, and of the suite's own decoy process.

    Args:
        decoy: Holds a control in every place.
        files: Temporary files of the processes, and one with a control when ``planted`` says so.
        planted: What has to be found beside the decoy's controls.
        kind: What it is called in the report.
    """
    detector = secrets.detector(binary_numbers=True, processes=True)
    seen = detector.inspection(kind)
    missed: list[NotReadable] = []
    known = KnownPages()
    for process in processes:
        missed += _search_process(detector, kind, process.pid, secrets.person(process.user), known)
    looked_at, credential_controls = seen.probes, seen.credential_controls
    found = {place for place, count in _controls_by_place(detector, kind, decoy).items() if count}
    seen.probes, seen.controls, seen.credential_controls = looked_at, 0, credential_controls
    below = PieceSearch(secrets, kind, into=seen)
    below.look_at(files)
    wanted = replace(planted or Planted(), decoy=True, places_without=tuple(sorted(decoy.places - found)))
    return seen.search(kind, wanted, [*missed, *below.missed])


def _search_process(
    detector: CrossContaminationDetector, kind: str, pid: int, owner: Person, known: KnownPages
) -> list[NotReadable]:
    missed: list[NotReadable] = []
    for entry in process_contents(pid):
        if isinstance(entry, NotReadable):
            missed.append(entry)
        elif entry.place.startswith(("memory", "shared memory")):
            _search_memory(detector, kind, entry, owner, known)
        else:
            place = f"{entry.place} of {owner.tenant}'s agent"
            detector.look(kind, place, (owner,), entry.data, time.monotonic())
    return missed


def _search_memory(
    detector: CrossContaminationDetector, kind: str, chunk: Chunk, owner: Person, known: KnownPages
) -> None:
    """One piece of memory counts as one probe, however much of it was known already."""
    place, seen = f"{chunk.place} of {owner.tenant}'s agent", detector.inspection(kind)
    seen.probes += 1
    for _, content, pairs in known.unknown(chunk.data):
        before = seen.sights
        detector.look(kind, place, (owner,), content, time.monotonic(), looks=0)
        if before == seen.sights:
            known.remember(pairs)


def _controls_by_place(detector: CrossContaminationDetector, kind: str, decoy: DecoyProcess) -> dict[str, int]:
    """How many controls were found in each place of the decoy process."""
    found: dict[str, int] = {}
    seen = detector.inspection(kind)
    for entry in process_contents(decoy.pid):
        if isinstance(entry, Chunk):
            before = _controls(seen)
            detector.look(kind, entry.place, (), entry.data, time.monotonic())
            place = entry.place.partition(" /")[0].partition(" [")[0].partition(" anonymous")[0]
            found[place] = found.get(place, 0) + _controls(seen) - before
    return found


def _controls(seen: Inspection) -> int:
    """How often both the marker and the credential of nobody were found."""
    return min(seen.controls, seen.credential_controls)


def control_file(folder: Path, text: str) -> Path:
    """Put an own file with a control into a folder; whoever asks for it removes it.

    Raises:
        OSError: The folder cannot be written, or something of that name is there: it is never followed or overwritten.
    """
    path = folder / CONTROL_FILE
    with path.open("x", encoding="utf-8") as file:
        file.write(f"{text}\n")
    return path
