"""Names whose secret was seen where, and by whom (CS-2).

Principle: a marker says by itself whose it is; the place says who can see it. When the two differ, that is a finding.
Who can see a place is said by the place itself (the session that received a frame, the key columns of a row, the key
of a cache entry, the tenant of a process); a place that says nothing is shared, so every secret in it is seen by
everybody. A tenant's own secret in its own place is no finding but a proof that the scan works there, and so is a
control: a marker of a tenant that does not exist, planted where it may be seen.

Failure modes: a damaged marker (cut off or altered) is a finding when it still names another tenant, and is counted as
unreadable when it names nobody. A whole marker of another run is a finding in a place that belongs to a tenant of this
run, and residue in a shared place or in a store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from isolation.judge.scan import CHUNK_TAIL, FRAME_TAIL, Hit, Scanner, StreamScanner
from isolation.record.secrets.markers import MarkerIdentity, MarkerMint, PlantedNumber, Recognition
from isolation.record.secrets.pieces import NotReadable
from isolation.record.secrets.searches import Finding, OwnFound, Planted, Search
from isolation.scenarios.secrets.known_credentials import LONGEST_PIECE, KnownCredentials, Person

ANOTHER_RUN = "a tenant of another run"
_COUNTS = (
    "probes", "controls", "residue", "unreadable", "undecoded_bytes", "scanned_bytes", "credential_controls", "own_credentials",
)  # fmt: skip
MOST_FINDINGS = 10_000
"""Findings kept of one place; further ones are only counted."""


@dataclass(slots=True)
class Inspection:
    """What was seen in one kind of place.

    Attributes:
        probes: How many things were looked at.
        findings: Foreign secrets.
        more_findings: Foreign secrets beyond those that are kept.
        controls: How often a planted control was found.
        own: How often each owner's own secrets were found at home.
        own_encodings: How often in which encoding.
        residue: Markers of other runs in shared places.
        unreadable: Damaged markers that name nobody.
        undecoded_bytes: Encoded bytes that were left unopened.
        scanned_bytes: How much was scanned.
        credentials: How many credentials were looked for.
        credential_controls: How often a credential of nobody, planted to be found, was found.
        own_credentials: How often a credential was found where it may be.
    """

    probes: int = 0
    findings: list[Finding] = field(default_factory=list)
    more_findings: int = 0
    controls: int = 0
    own: Counter[Person] = field(default_factory=Counter)
    own_encodings: Counter[str] = field(default_factory=Counter)
    residue: int = 0
    unreadable: int = 0
    undecoded_bytes: int = 0
    scanned_bytes: int = 0
    credentials: int = 0
    credential_controls: int = 0
    own_credentials: int = 0

    @property
    def sights(self) -> tuple[int, ...]:
        """How much was seen: when looking at something leaves it as it was, nothing is there."""
        markers = (sum(self.own.values()), self.unreadable, self.controls, len(self.findings) + self.more_findings)
        return (*markers, self.credential_controls, self.own_credentials)

    def add(self, other: Inspection) -> None:
        """Take over what another search of the same kind of place saw."""
        room = max(0, MOST_FINDINGS - len(self.findings))
        self.findings += other.findings[:room]
        self.more_findings += other.more_findings + len(other.findings[room:])
        self.own.update(other.own)
        self.own_encodings.update(other.own_encodings)
        self.credentials = max(self.credentials, other.credentials)
        for count in _COUNTS:
            setattr(self, count, getattr(self, count) + getattr(other, count))

    def search(self, kind: str, planted: Planted, missed: Sequence[NotReadable] = (), own_probes: int = 0) -> Search:
        """What the search saw, for the record.

        Args:
            kind: What was searched, in words.
            planted: What had to be found.
            missed: What could not be looked at.
            own_probes: How many of the probes the suite itself had planted: with nothing else to see, nothing was looked at.
        """
        return Search(
            kind=kind,
            probes=max(0, self.probes - own_probes),
            findings=tuple(self.findings),
            more_findings=self.more_findings,
            controls=self.controls,
            own=tuple(OwnFound(person.tenant, person.user, count) for person, count in self.own.items()),
            own_encodings=dict(self.own_encodings),
            residue=self.residue,
            unreadable=self.unreadable,
            undecoded_bytes=self.undecoded_bytes,
            scanned_bytes=self.scanned_bytes,
            missed=tuple(missed),
            planted=planted,
            credentials=self.credentials,
            credential_controls=self.credential_controls,
        )


class CrossContaminationDetector:
    """Looks into anything that somebody can see and names every foreign secret in it."""

    def __init__(
        self,
        mint: MarkerMint,
        people: Mapping[tuple[int, int], Person],
        numbers: Iterable[PlantedNumber] = (),
        *,
        binary_numbers: bool = False,
        credentials: KnownCredentials | None = None,
    ) -> None:
        """Prepare a detector.

        Args:
            mint: Reads the markers of the run.
            people: Whose the markers of a (tenant index, user index) are. Any other index is a control.
            binary_numbers: Whether numbers are looked for in binary forms too, as in the memory of a process.
            credentials: What opens the platform.
        """
        self._people = people
        self._credentials = KnownCredentials(()) if credentials is None else credentials
        self._scanner = Scanner(mint, numbers, binary_numbers=binary_numbers)
        self.seen: dict[str, Inspection] = {}
        """What was seen, by kind of place."""

    def inspection(self, kind: str) -> Inspection:
        """What was seen so far in a kind of place."""
        return self.seen.setdefault(kind, Inspection(credentials=len(self._credentials)))

    def look(
        self, kind: str, place: str, seers: tuple[Person, ...], data: bytes, at: float, looks: int = 1
    ) -> list[Finding]:
        """Look into one thing.

        Args:
            kind: Kind of place that is counted together, such as ``PostgreSQL``.
            place: Exactly where, such as ``PostgreSQL platform.profiles``.
            seers: Who can see it; nobody in particular means everybody.
            data: What is there.
            at: When it was seen (seconds, monotonic clock).
            looks: As how many probes it counts.

        Returns:
            The new findings.
        """
        scan = self._scanner.examine(data)
        seen = self.inspection(kind)
        seen.probes += looks
        seen.undecoded_bytes += scan.undecoded_bytes
        seen.scanned_bytes += len(data)
        return [
            *self._sort(seen, place, seers, scan.hits, at),
            *self._look_for_credentials(seen, place, seers, data, at),
        ]

    def stream(self, kind: str, place: str, seers: tuple[Person, ...], *, chunks: bool = False) -> Watch:
        """Look into what arrives in pieces: the frames of a session or, with ``chunks``, a file or a memory."""
        tail = CHUNK_TAIL if chunks else FRAME_TAIL
        return Watch(self, kind, place, seers, StreamScanner(self._scanner, tail=tail, texts=not chunks))

    def _look_for_credentials(
        self, seen: Inspection, place: str, seers: tuple[Person, ...], data: bytes, at: float, begin: int = 0
    ) -> list[Finding]:
        found: list[Finding] = []
        for credential, encoding in self._credentials.in_(data, begin):
            if credential is None:
                seen.credential_controls += 1
                continue
            strangers = self._credentials.strangers(credential, seers)
            seen.own_credentials += not strangers
            found += [
                Finding(
                    credential.tenant,
                    credential.user,
                    place,
                    who.tenant,
                    who.user,
                    encoding,
                    at,
                    f"[{credential.name}]",
                )
                for who in strangers
            ]
        self._keep(seen, found)
        return found

    def _keep(self, seen: Inspection, found: list[Finding]) -> None:
        room = max(0, MOST_FINDINGS - len(seen.findings))
        seen.findings.extend(found[:room])
        seen.more_findings += len(found[room:])

    def _sort(
        self, seen: Inspection, place: str, seers: tuple[Person, ...], hits: Iterable[Hit], at: float
    ) -> list[Finding]:
        found = [finding for hit in hits for finding in self._judge(seen, place, seers, hit, at)]
        self._keep(seen, found)
        return found

    def _judge(self, seen: Inspection, place: str, seers: tuple[Person, ...], hit: Hit, at: float) -> list[Finding]:
        owner = self._owner(hit)
        if owner is None:
            self._count_unowned(seen, hit)
            return []
        if owner.tenant == ANOTHER_RUN and not seers:
            seen.residue += 1
            return []
        strangers = [seer for seer in seers if not seer.covers(owner)] if seers else [Person("")]
        if not strangers:
            seen.own[owner] += 1
            seen.own_encodings[hit.encoding] += 1
        encoding = hit.encoding if hit.recognition is not Recognition.DAMAGED else f"{hit.encoding}, damaged"
        return [
            Finding(owner.tenant, owner.user, place, who.tenant, who.user, encoding, at, hit.excerpt)
            for who in strangers
        ]

    def _owner(self, hit: Hit) -> Person | None:
        if hit.identity is None:
            return None
        if hit.recognition is Recognition.OTHER_RUN:
            return Person(ANOTHER_RUN)
        return self._people.get(_key(hit.identity))

    def _count_unowned(self, seen: Inspection, hit: Hit) -> None:
        if hit.recognition is Recognition.OWN_RUN:
            seen.controls += 1
        else:
            seen.unreadable += 1


class Watch:
    """One stream under inspection; every piece counts as one probe."""

    def __init__(
        self,
        detector: CrossContaminationDetector,
        kind: str,
        place: str,
        seers: tuple[Person, ...],
        stream: StreamScanner,
    ) -> None:
        """Made by `CrossContaminationDetector.stream`."""
        self._detector = detector
        self._seen = detector.inspection(kind)
        self._place = place
        self._seers = seers
        self._stream = stream
        self._before = b""

    def feed(self, data: bytes, at: float, looks: int = 1) -> list[Finding]:
        """Look into the next piece, which counts as so many probes; what crosses the seam to the one before is found too."""
        self._seen.probes += looks
        self._seen.scanned_bytes += len(data)
        found = self._detector._sort(self._seen, self._place, self._seers, self._stream.feed(data), at)
        text, old = self._before + data, len(self._before)
        self._before = text[-LONGEST_PIECE:]
        found += self._detector._look_for_credentials(self._seen, self._place, self._seers, text, at, old)
        return found

    def finish(self, at: float) -> list[Finding]:
        """The end of the stream: what still waited for a continuation is sorted now."""
        self._seen.undecoded_bytes += self._stream.undecoded_bytes
        return self._detector._sort(self._seen, self._place, self._seers, self._stream.finish(), at)


def _key(identity: MarkerIdentity) -> tuple[int, int]:
    return identity.tenant, identity.user
