"""Markers: planted texts that say by themselves whose they are, so that no scanner needs a shared table.

A marker is 43 characters: eight times ``8``, the letter ``m`` and 34 characters of the base32 alphabet (a-z, 2-7)::

    88888888 m rrrrrrrr tttt uuu k sss ggggggggggg cccc
    prefix     run      tenant user | |   tag      check
                              kind -  - sequence

Why this form:

* Only letters and digits that mean the same in upper and lower case: a marker survives JSON, URLs and case folding.
* The prefix is one digit repeated. It reads the same backwards, has no case, and its base64 form is the same
  ``ODg4`` at all three alignments: one search finds what would otherwise take five. No body character is an ``8``,
  so the end of the prefix is never in doubt.
* ``check`` (20 bits, CRC-32, no key) tells a whole marker of another run from a damaged one.
* ``tag`` (55 bits of HMAC-SHA-256 under the run's key) cannot be hit by accident or made up by the target.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

PREFIX_DIGIT: Final = "8"
PREFIX: Final = PREFIX_DIGIT * 8 + "m"
BODY_LENGTH: Final = 34
MARKER_LENGTH: Final = len(PREFIX) + BODY_LENGTH

_RUN, _TENANT, _USER, _KIND, _SEQUENCE, _TAG = 8, 12, 15, 16, 19, 30
"""Where each field of the body ends."""
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


TEXT_KINDS: Final = tuple(SecretKind)[:10]
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
    """

    run: str
    tenant: int
    user: int
    kind: SecretKind
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
        kind_index = tuple(SecretKind).index(kind)
        fields = self.run + _encode(tenant, 4) + _encode(user, 3) + _encode(kind_index, 1) + _encode(sequence, 3)
        signed = fields + self._tag(fields)
        return PREFIX + signed + _check(signed)

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
        own = body.startswith(self.run)
        if len(body) < BODY_LENGTH:
            return Reading(Recognition.DAMAGED, _claimed(body), len(body)) if own else None
        signed, check = body[:_TAG], body[_TAG:]
        whole = hmac.compare_digest(check, _check(signed))
        if whole and own and hmac.compare_digest(signed[_SEQUENCE:], self._tag(signed[:_SEQUENCE])):
            return Reading(Recognition.OWN_RUN, _claimed(body), BODY_LENGTH)
        recognition = Recognition.OTHER_RUN if whole and not own else Recognition.DAMAGED
        return Reading(recognition, _claimed(body), BODY_LENGTH)

    def _tag(self, fields: str) -> str:
        digest = hmac.digest(self.key, f"marker {self.run_id} {fields}".encode(), "sha256")
        return _encode(int.from_bytes(digest[:7]) >> 1, 11)

    def _secrets_of(self, tenant: int, user: int, place: int) -> TenantSecrets:
        numbers = tuple(
            PlantedNumber(MarkerIdentity(self.run, tenant, user, kind), self.number(place * len(NUMBER_KINDS) + index))
            for index, kind in enumerate(NUMBER_KINDS)
        )
        return TenantSecrets(tenant, user, {kind: self.mint(tenant, user, kind) for kind in TEXT_KINDS}, numbers)


def _claimed(body: str) -> MarkerIdentity | None:
    kinds = tuple(SecretKind)
    if len(body) < _SEQUENCE or _decode(body[_USER:_KIND]) >= len(kinds):
        return None
    return MarkerIdentity(
        run=body[:_RUN],
        tenant=_decode(body[_RUN:_TENANT]),
        user=_decode(body[_TENANT:_USER]),
        kind=kinds[_decode(body[_USER:_KIND])],
        sequence=_decode(body[_KIND:_SEQUENCE]),
    )


def _check(signed: str) -> str:
    return _encode(zlib.crc32(signed.encode()) >> 12, 4)


def _encode(value: int, length: int) -> str:
    return "".join(_ALPHABET[(value >> 5 * place) & 31] for place in reversed(range(length)))


def _decode(text: str) -> int:
    return int(text.translate(_TO_DIGITS), 32)
