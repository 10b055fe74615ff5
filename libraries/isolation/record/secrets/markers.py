"""Markers: planted texts that say by themselves whose they are, so that no scanner needs a shared table.

A marker is 47 characters: eight times ``8`` and the letter ``m``, 34 characters of the base32 alphabet (a-z, 2-7), and
the letter ``w`` with three times ``8``::

    88888888 m ooooooo rrrrrrrr k sss ggggggggggg cccc w 888
    prefix     owner   run      | |   tag         check suffix
                           kind - - sequence

Why this form:

* Only letters and digits that mean the same in upper and lower case: a marker survives JSON, URLs and case folding.
* The prefix is one digit repeated. It reads the same backwards, has no case, and its base64 form is the same
  ``ODg4`` at all three alignments: one search finds what would otherwise take five. No body character is an ``8``,
  so the end of the prefix is never in doubt.
* A part says whose it is, too, for logs and previews show beginnings and ends. ``owner`` (tenant and user) comes first,
  under a mask of its run: the first 16 characters name the owner, and those of another run name nobody by accident. The
  last 12 end in the suffix, which the same search finds, and name one of the markers that were minted (`read_end`).
* ``check`` (20 bits, CRC-32, no key) tells a whole marker of another run from a damaged one.
* ``tag`` (55 bits of HMAC-SHA-256 under the run's key) cannot be hit by accident or made up by the target.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final

PREFIX_DIGIT: Final = "8"
BEGINS: Final = "m"
ENDS: Final = "w"
PREFIX: Final = PREFIX_DIGIT * 8 + BEGINS
SUFFIX: Final = ENDS + PREFIX_DIGIT * 3
BODY_LENGTH: Final = 34
MARKER_LENGTH: Final = len(PREFIX) + BODY_LENGTH + len(SUFFIX)

_OWNER, _RUN, _KIND, _SEQUENCE, _TAG = 7, 15, 16, 19, 30
"""Where each field of the body ends."""
LEAST_BEGINNING: Final = _OWNER
"""Characters behind the prefix that name an owner."""
LEAST_END: Final = 8
"""Characters before the suffix that name one marker: 40 bits, so a text that is none has one chance in 10^12 for each."""
_USER_BITS: Final = 15
MAXIMUM_TENANT: Final = 32**4 - 1
MAXIMUM_USER: Final = 32**3 - 1
MAXIMUM_SEQUENCE: Final = 32**3 - 1

NUMBER_LEAD: Final = 888_888
"""The first six digits of every planted number."""
NUMBER_SLOTS: Final = 799_999
"""How many different numbers one run can plant; see `MarkerMint.number`."""
_NUMBER_MODULUS: Final = 799_999

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
_TO_DIGITS: Final = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")


class SecretKind(StrEnum):
    """What a planted secret pretends to be."""

    API_KEY = "api key"
    COMPANY = "company"
    PROJECT = "project"
    METRIC = "metric"
    STRATEGY = "strategy"
    CONTACT = "contact"
    CONTRACT = "contract"
    FORECAST = "forecast"
    DOCUMENT = "document"
    NOTE = "note"
    BUDGET = "budget"
    REVENUE = "revenue"


_KINDS: Final = tuple(SecretKind)
TEXT_KINDS: Final = _KINDS[:10]
"""The ten markers that every user gets."""
NUMBER_KINDS: Final = (SecretKind.BUDGET, SecretKind.REVENUE)
"""The secrets of a user that are plain numbers."""


class Recognition(StrEnum):
    """What a scanner knows about a marker that it found."""

    OWN_RUN = "own run"
    """Proven by its tag: planted by this run."""
    OTHER_RUN = "other run"
    """A whole marker of another run: residue. Its owner is what it says, not proven."""
    DAMAGED = "damaged"
    """Cut off or altered. Its owner, where it can still be read, is what it says, not proven."""


@dataclass(frozen=True, slots=True)
class MarkerIdentity:
    """Whose secret it is.

    Attributes:
        run: The code of the run that planted it (see `run_code`).
        tenant: Index of the tenant.
        user: Index of the user.
        kind: What the secret pretends to be.
        sequence: Number of the secret among those of the same user and kind.

    Of a beginning that is cut before them, kind and sequence are None and 0.
    """

    run: str
    tenant: int
    user: int
    kind: SecretKind | None
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A marker as it was read.

    Attributes:
        recognition: What is known about it.
        identity: Whose it is or, unless `recognition` is OWN_RUN, whose it says it is; None when that is unreadable.
        body_length: How many characters after the prefix belong to it.
    """

    recognition: Recognition
    identity: MarkerIdentity | None
    body_length: int


@dataclass(frozen=True, slots=True)
class PlantedNumber:
    """A secret that is a plain number; who owns it stands in the plan, not in its digits."""

    identity: MarkerIdentity
    value: int


@dataclass(frozen=True, slots=True)
class TenantSecrets:
    """Everything that one user of one tenant keeps private.

    Attributes:
        tenant: Index of the tenant.
        user: Index of the user.
        markers: The text of each marker by its kind, in the order of `TEXT_KINDS`.
        numbers: The planted numbers, in the order of `NUMBER_KINDS`.
    """

    tenant: int
    user: int
    markers: dict[SecretKind, str]
    numbers: tuple[PlantedNumber, ...]


def run_code(run_id: str) -> str:
    """The eight characters that stand for a run inside its markers."""
    return _encode(int.from_bytes(hashlib.sha256(run_id.encode()).digest()[:5]), 8)


@dataclass(frozen=True)
class MarkerMint:
    """Makes and reads the markers of one run; the same arguments always make the same markers.

    Attributes:
        run_id: Identifies the run.
        key: Secret of the run, at least 16 bytes; whoever drives the run draws it at random.
    """

    run_id: str
    key: bytes = field(repr=False)
    run: str = field(init=False)
    minted: dict[str, MarkerIdentity] = field(init=False, repr=False, compare=False, default_factory=dict)
    """Every body that was minted, and whose it is: parts of a marker are recognised by it."""
    _owners: set[tuple[int, int]] = field(init=False, repr=False, compare=False, default_factory=set)
    _ends: dict[str, list[str]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Check the key and derive the code of the run."""
        if len(self.key) < 16:
            raise ValueError(f"the key of a run needs at least 16 bytes, not {len(self.key)}")
        object.__setattr__(self, "run", run_code(self.run_id))

    def mint(self, tenant: int, user: int, kind: SecretKind = SecretKind.NOTE, sequence: int = 0) -> str:
        """The marker of one secret.

        Args:
            tenant: Index of the tenant, 0 to 1,048,575.
            user: Index of the user, 0 to 32,767.
            kind: What the secret pretends to be.
            sequence: Number of the secret among those of the same user and kind, 0 to 32,767.

        Raises:
            ValueError: An index does not fit.
        """
        for name, value, maximum in (
            ("tenant", tenant, MAXIMUM_TENANT),
            ("user", user, MAXIMUM_USER),
            ("sequence", sequence, MAXIMUM_SEQUENCE),
        ):
            if not 0 <= value <= maximum:
                raise ValueError(f"{name} must be 0 to {maximum}, not {value}")
        kind_index = _KINDS.index(kind)
        fields = _owner(self.run, tenant, user) + self.run + _encode(kind_index, 1) + _encode(sequence, 3)
        signed = fields + self._tag(fields)
        body = signed + _check(signed)
        if body not in self.minted:
            self.minted[body] = MarkerIdentity(self.run, tenant, user, kind, sequence)
            self._owners.add((tenant, user))
            self._ends.setdefault(body[-LEAST_END:], []).append(body)
        return PREFIX + body + SUFFIX

    def number(self, ordinal: int) -> int:
        """The planted number with this ordinal: twelve digits that begin with 888888.

        An affine map modulo a prime, with factors drawn from the key, makes all numbers of a run different. A random
        number of twelve digits is one of n planted ones with probability n / 10^12.

        Args:
            ordinal: 0 to `NUMBER_SLOTS` - 1.

        Raises:
            ValueError: The ordinal does not fit.
        """
        if not 0 <= ordinal < NUMBER_SLOTS:
            raise ValueError(f"ordinal must be 0 to {NUMBER_SLOTS - 1}, not {ordinal}")
        digest = hmac.digest(self.key, f"numbers {self.run_id}".encode(), "sha256")
        factor = 1 + int.from_bytes(digest[:8]) % (_NUMBER_MODULUS - 1)
        offset = int.from_bytes(digest[8:16])
        return NUMBER_LEAD * 10**6 + (factor * ordinal + offset) % _NUMBER_MODULUS

    def secrets(self, owners: list[tuple[int, int]]) -> list[TenantSecrets]:
        """Ten markers and two numbers for every user.

        Args:
            owners: (tenant, user) of every user of the run, each once. Their order decides the numbers.

        Raises:
            ValueError: A user occurs twice, or there are too many.
        """
        if len(set(owners)) != len(owners):
            raise ValueError("every (tenant, user) may occur only once")
        return [self._secrets_of(tenant, user, place) for place, (tenant, user) in enumerate(owners)]

    def read(self, body: str) -> Reading | None:
        """Read what follows a prefix.

        Args:
            body: Up to 34 characters of the base32 alphabet in any case, as they follow a prefix.

        Returns:
            What it is, or None when it is too little to be anything.
        """
        body = body.lower()
        if len(body) < BODY_LENGTH:
            return self._read_beginning(body)
        run, signed, check = body[_OWNER:_RUN], body[:_TAG], body[_TAG:]
        if not hmac.compare_digest(check, _check(signed)):
            return self._read_beginning(body)
        if run != self.run:
            return Reading(Recognition.OTHER_RUN, _claimed(body), BODY_LENGTH)
        own = hmac.compare_digest(signed[_SEQUENCE:], self._tag(signed[:_SEQUENCE]))
        return Reading(Recognition.OWN_RUN if own else Recognition.DAMAGED, _claimed(body), BODY_LENGTH)

    def read_end(self, body: str) -> Reading | None:
        """Read what stands before a suffix.

        Args:
            body: Up to 34 characters of the base32 alphabet in any case; the last of them touch the suffix.

        Returns:
            What it is: of less than a whole body only what was minted is recognised; None when it is nothing known.
        """
        body = body.lower()
        if len(body) == BODY_LENGTH:
            reading = self.read(body)
            if reading and reading.recognition is not Recognition.DAMAGED:
                return reading
        for minted in self._ends.get(body[-LEAST_END:], ()):
            same = BODY_LENGTH
            while not minted.endswith(body[-same:]):
                same -= 1
            return Reading(Recognition.DAMAGED, self.minted[minted], min(same, len(body)))
        return None

    def _read_beginning(self, body: str) -> Reading | None:
        """A body that is cut or altered: it names its owner when that one had secrets minted."""
        claimed, run = _claimed(body, self.run), body[_OWNER:_RUN]
        if claimed is not None and (claimed.tenant, claimed.user) in self._owners:
            length = len(body) if len(body) == BODY_LENGTH or self.run.startswith(run) else _OWNER
            return Reading(Recognition.DAMAGED, claimed, length)
        if run == self.run or len(body) == BODY_LENGTH:
            return Reading(Recognition.DAMAGED, None, len(body))
        return None

    def _tag(self, fields: str) -> str:
        digest = hmac.digest(self.key, f"marker {self.run_id} {fields}".encode(), "sha256")
        return _encode(int.from_bytes(digest[:7]) >> 1, 11)

    def _secrets_of(self, tenant: int, user: int, place: int) -> TenantSecrets:
        numbers = tuple(
            PlantedNumber(MarkerIdentity(self.run, tenant, user, kind), self.number(place * len(NUMBER_KINDS) + index))
            for index, kind in enumerate(NUMBER_KINDS)
        )
        return TenantSecrets(tenant, user, {kind: self.mint(tenant, user, kind) for kind in TEXT_KINDS}, numbers)


def _claimed(body: str, run: str = "") -> MarkerIdentity | None:
    """Whose a body says it is; a beginning that is cut before its run is read as one of ``run``."""
    if len(body) < LEAST_BEGINNING:
        return None
    run = run or body[_OWNER:_RUN]
    owner = _decode(body[:_OWNER]) ^ _mask(run)
    kind, sequence = None, 0
    if len(body) >= _SEQUENCE and (place := _decode(body[_RUN:_KIND])) < len(_KINDS):
        kind, sequence = _KINDS[place], _decode(body[_KIND:_SEQUENCE])
    return MarkerIdentity(run, owner >> _USER_BITS, owner & MAXIMUM_USER, kind, sequence)


def _owner(run: str, tenant: int, user: int) -> str:
    return _encode((tenant << _USER_BITS | user) ^ _mask(run), _OWNER)


@lru_cache(1024)
def _mask(run: str) -> int:
    """Differs from run to run, so that the owner of another run's marker is hardly ever one of this run."""
    return int.from_bytes(hashlib.sha256(f"owner {run}".encode()).digest()[:5]) >> 5


def _check(signed: str) -> str:
    return _encode(zlib.crc32(signed.encode()) >> 12, 4)


def _encode(value: int, length: int) -> str:
    return "".join(_ALPHABET[(value >> 5 * place) & 31] for place in reversed(range(length)))


def _decode(text: str) -> int:
    return int(text.translate(_TO_DIGITS), 32)
