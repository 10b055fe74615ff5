"""Every credential that the run used: where it may be seen, and by whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from isolation.drive.platform.tenants import TenantAgent
from isolation.record.secrets.credentials import THE_PLATFORM, Credential, CredentialKind
from isolation.record.secrets.known_texts import LONGEST, KnownTexts
from isolation.target.model import Target
from isolation.target.placeholders import names_in

LONGEST_PIECE = LONGEST - 1
"""Bytes that are kept between two pieces of a stream: a whole piece of a credential was found before."""
_NAMES = re.compile(r"auth|token|key|secret|cookie|session|credential|password", re.IGNORECASE)
_NO_SECRETS = frozenset({"tenant", "user", "role", "id", "number"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who owns or sees something, in the names of the scenario; without a user it is the tenant as a whole."""

    tenant: str
    user: str = ""

    def covers(self, owner: Person) -> bool:
        """Whether a secret of ``owner`` is at home with this one."""
        return self.tenant == owner.tenant and self.user in ("", owner.user)


class KnownCredentials:
    """Finds credentials, and says who may not see them.

    Args:
        credentials: What is looked for.
        control: A credential of nobody.
        at_rest: Whether a store is searched: what names nobody there may be the platform's own table of credentials.
        processes: Whether processes are searched: a tenant's may hold the store password of the tenant.
    """

    def __init__(
        self, credentials: Sequence[Credential], control: str = "", *, at_rest: bool = False, processes: bool = False
    ) -> None:
        """Prepare the search."""
        self._all: list[Credential | None] = [*credentials, *([None] if control else [])]
        self._texts = KnownTexts([*(one.text for one in credentials), *([control] if control else [])])
        self._at_rest = at_rest
        self._processes = processes

    def __len__(self) -> int:
        """How many there are, without the control."""
        return sum(one is not None for one in self._all)

    def in_(self, data: bytes, begin: int) -> Iterator[tuple[Credential | None, str]]:
        """Those that end behind ``begin``, each once for each encoding; None is the control."""
        hits = {(hit.number, hit.encoding) for hit in self._texts.find(data) if hit.end > begin}
        for number, encoding in sorted(hits):
            yield self._all[number], encoding

    def strangers(self, credential: Credential, seers: Sequence[Person]) -> list[Person]:
        """Who sees it and may not; nobody in particular means everybody."""
        if not seers:
            return [] if self._at_rest else [Person("")]
        if credential.kind is CredentialKind.STORE and self._processes:
            return [seer for seer in seers if seer.tenant != credential.tenant]
        owner = Person(credential.tenant, credential.user)
        return [seer for seer in seers if credential.tenant == THE_PLATFORM or not seer.covers(owner)]


def credentials_of_users(target: Target, users: Sequence[TenantAgent]) -> Iterator[Credential]:
    """What proves who users are: the word ``token``, and words of theirs in places where credentials are."""
    carried = {"token", *_carried(target)} - _NO_SECRETS
    for user in users:
        for word in sorted(carried & set(user.words)):
            yield Credential(
                CredentialKind.USER,
                f"'{word}' of {user.name}",
                user.name.partition(".")[0],
                user.user_id,
                str(user.words[word]),
            )


def _carried(target: Target) -> Iterator[str]:
    """Words in headers and cookies that are named like credentials, in subprotocols and in socket.io's ``auth``."""
    parts = [target.session, *target.requests.values()]
    for part in [part.model_dump() for part in parts if part is not None]:
        connect = part.get("connect") or {}
        yield from names_in([connect.get("cookies"), connect.get("subprotocols"), connect.get("auth")])
        for headers in (part.get("headers"), connect.get("headers"), (part.get("events") or {}).get("headers")):
            yield from names_in({name: value for name, value in (headers or {}).items() if _NAMES.search(name)})


def credentials_of_platform(secrets: Mapping[str, str]) -> Iterator[Credential]:
    """The platform's own keys, and the passwords in its addresses; a path or an address without a password is no secret."""
    for word, value in secrets.items():
        address = urlsplit(value) if "://" in value else None
        text = unquote(address.password or "") if address is not None else "" if value.startswith("/") else value
        if text:
            yield Credential(CredentialKind.PLATFORM, f"secret '{word}'", THE_PLATFORM, "", text)


def store_password(user: TenantAgent, store: str, text: str) -> Credential:
    """A tenant's own login to a store."""
    return Credential(CredentialKind.STORE, f"{store} password of {user.name}", user.name, "", text)
