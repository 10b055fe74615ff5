"""What a search for secrets saw in one kind of place. Every excerpt is masked: no record holds a secret."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.secrets.pieces import NotReadable


@dataclass(frozen=True, slots=True)
class Finding:
    """One secret where it does not belong.

    Attributes:
        owner_tenant: Whose secret it is.
        owner_user: Which user's.
        place: Where it was found, such as ``frame``, ``redis``, ``log`` or ``memory of process 4711``.
        seen_by_tenant: Who could see it there, or empty for a shared place such as a log.
        seen_by_user: Which user could.
        encoding: How it was written, such as ``plain`` or ``base64 > gzip``.
        at: When it was found (seconds, monotonic clock).
        excerpt: What stood around it, with every secret masked.
    """

    owner_tenant: str
    owner_user: str
    place: str
    seen_by_tenant: str
    seen_by_user: str
    encoding: str
    at: float
    excerpt: str

    @property
    def foreign(self) -> bool:
        """Whether somebody other than its owner could see it."""
        return (self.owner_tenant, self.owner_user) != (self.seen_by_tenant, self.seen_by_user)


@dataclass(frozen=True, slots=True)
class OwnFound:
    """How often a user's own secrets were found where they belong."""

    tenant: str
    user: str
    count: int


@dataclass(frozen=True, slots=True)
class Planted:
    """What a search has to find, or it proves nothing.

    Attributes:
        controls: How many planted controls (markers of a tenant that does not exist) there are.
        owners: Tenants whose own secrets must be found at home.
        decoy: Whether a process of the suite's own held controls.
        places_without: Places of that process in which the control was not found.
    """

    controls: int = 0
    owners: tuple[str, ...] = ()
    decoy: bool = False
    places_without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """One search.

    Attributes:
        kind: What was searched, in words, such as ``frames`` or ``PostgreSQL``.
        probes: How many things were looked at.
        findings: Foreign secrets.
        more_findings: Foreign secrets beyond those that are kept.
        controls: How often a planted control was found.
        own: Whose own secrets were found at home.
        own_encodings: How often in which encoding.
        residue: Markers of other runs in shared places.
        unreadable: Damaged markers that name nobody.
        undecoded_bytes: Encoded bytes that were left unopened.
        scanned_bytes: How much was scanned.
        missed: What could not be looked at.
        planted: What had to be found.
        credentials: How many credentials (tokens, store passwords, keys of the platform) were looked for, too.
        credential_controls: How often the planted credential of nobody was found: without it the others prove nothing.
    """

    kind: str
    probes: int = 0
    findings: tuple[Finding, ...] = ()
    more_findings: int = 0
    controls: int = 0
    own: tuple[OwnFound, ...] = ()
    own_encodings: dict[str, int] = field(default_factory=dict)
    residue: int = 0
    unreadable: int = 0
    undecoded_bytes: int = 0
    scanned_bytes: int = 0
    missed: tuple[NotReadable, ...] = ()
    planted: Planted = Planted()
    credentials: int = 0
    credential_controls: int = 0

    @property
    def control_found(self) -> bool:
        """Whether everything that was planted to be found was found; not when nothing was planted at all."""
        planted = self.planted
        at_home = {one.tenant for one in self.own}
        anything = planted.controls > 0 or planted.owners or planted.decoy
        return (
            bool(anything)
            and self.controls >= planted.controls
            and at_home >= set(planted.owners)
            and not planted.places_without
        )

    @property
    def own_total(self) -> int:
        """How often own secrets were found at home."""
        return sum(one.count for one in self.own)
