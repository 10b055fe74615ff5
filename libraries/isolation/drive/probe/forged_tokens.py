"""Forged tokens, one per way of abuse, each made from a good one by a single change.

Sources of the list: RFC 8725 (JSON Web Token best current practices), OWASP's cheat sheet on JSON Web Tokens, and the
contract's own list. Nothing here is ever shown: a forged token may be good by mistake of the target.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.steps.tokens import TokenMint

Claims = dict[str, object]
Maker = Callable[[TenantAgent, TenantAgent], str]
_HEADER: dict[str, object] = {"typ": "JWT"}
_DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_YEAR = 31_536_000
_OWN_KEY = b"a key that only the attacker knows"
_WEAK_KEYS = ("", "secret", "password", "changeme", "123456", "your-256-bit-secret", "jwt_secret", "key")
_NONE = ("none", "None", "NONE", "nOnE", "none ")
_ANNOUNCED = ("RS256", "PS256", "ES256", "EdDSA", "hs256", "Hs256", "HS256 ")
_KID = {
    "kid leads to an empty file": ("../../../../../../dev/null", b""),
    "kid leads to a known file": ("../../../../../../proc/sys/kernel/ostype", b"Linux\n"),
    "kid injects SQL": ("' UNION SELECT 'attacker' -- ", b"attacker"),
    "kid injects a command": ("key; echo attacker", b"attacker"),
    "kid is empty": ("", b""),
}


@dataclass(frozen=True, slots=True)
class Forgery:
    """One way of abuse and how its token is made from a person's good claims.

    Attributes:
        abuse: What is wrong with the token.
        make: Makes it, for one person and one of another tenant.
        group: What kind of abuse it is.
    """

    abuse: str
    make: Maker
    group: str = ""


class Forger:
    """Makes forged tokens for one target."""

    def __init__(self, mint: TokenMint, secret: str, algorithm: str, claims: Mapping[str, str]) -> None:
        """Take what a good token is made of.

        Args:
            mint: Makes the good claims.
            secret: The target's key.
            algorithm: The target's algorithm.
            claims: The target file's claims, by name, with what fills them.
        """
        self._mint = mint
        self._key = secret.encode()
        self._algorithm = algorithm
        self._claims = claims

    def forgeries(self) -> list[Forgery]:
        """Every way of abuse that needs nothing but a token."""
        groups = {
            "time": self._times(),
            "signature": [*self._algorithms(), *self._signatures()],
            "identity": [*self._identities(), *self._tampered(), *self._gaps()],
            "key": self._keys(),
        }
        return [replace(forgery, group=group) for group, members in groups.items() for forgery in members]

    def good(self, person: TenantAgent, seconds: int | None = None) -> str:
        """The good twin; with ``seconds`` it expires then."""
        claims = self._good(person)
        if seconds is not None:
            claims["exp"] = int(time.time()) + seconds
        return self.signed(claims)

    def signed(self, claims: Claims) -> str:
        """A properly signed token with these claims."""
        return _token({**_HEADER, "alg": self._algorithm}, claims, self._key, _DIGESTS[self._algorithm])

    def _good(self, person: TenantAgent) -> Claims:
        return self._mint.claims(person.words)

    def _changed(self, abuse: str, change: Callable[[Claims], Claims]) -> Forgery:
        return Forgery(abuse, lambda person, _: self.signed({**(good := self._good(person)), **change(good)}))

    def _times(self) -> list[Forgery]:
        now = time.time
        return [
            self._changed(
                "expired a second ago", lambda _: {"iat": now() - 60, "nbf": now() - 60, "exp": int(now()) - 1}
            ),
            self._changed(
                "expired a year ago",
                lambda _: {"iat": now() - 2 * _YEAR, "nbf": now() - 2 * _YEAR, "exp": now() - _YEAR},
            ),
            self._changed("not yet valid", lambda _: {"nbf": int(now()) + 600}),
            self._changed("issued in the future", lambda _: {"iat": int(now()) + 600, "nbf": int(now()) + 600}),
            self._changed("expiry is a word", lambda _: {"exp": "never"}),
            self._changed("expiry is true", lambda _: {"exp": True}),
            self._changed("expiry is null", lambda _: {"exp": None}),
        ]

    def _algorithms(self) -> list[Forgery]:
        none = [
            Forgery(f"algorithm '{spelling}', no signature", self._with_header({"alg": spelling}, None))
            for spelling in _NONE
        ]
        same_key = [
            Forgery(f"{name} with the same key", self._with_header({"alg": name}, self._key, _DIGESTS[name]))
            for name in _DIGESTS
            if name != self._algorithm
        ]
        announced = [
            Forgery(f"'{name}' announced, HMAC made with the same key", self._with_header({"alg": name}, self._key))
            for name in _ANNOUNCED
        ]
        return [
            *none,
            Forgery("algorithm 'none', signed all the same", self._with_header({"alg": "none"}, self._key)),
            Forgery("no algorithm named", self._with_header({}, self._key)),
            *same_key,
            *announced,
        ]

    def _identities(self) -> list[Forgery]:
        forgeries = [
            self._changed("role that does not exist", lambda _: {self._claim("{role}"): "superuser"}),
            *(
                self._changed(f"wrong {name}", _always({name: "somebody-else"}))
                for name in ("aud", "iss")
                if name in self._claims
            ),
        ]
        tenant, user = self._claim("{tenant}"), self._claim("{user}")
        if tenant and user:
            forgeries.append(
                Forgery(
                    "tenant of somebody else", lambda p, other: self.signed({**self._good(p), tenant: other.tenant_id})
                )
            )
            forgeries.append(
                Forgery("user of another tenant", lambda p, other: self.signed({**self._good(p), user: other.user_id}))
            )
        return forgeries

    def _signatures(self) -> list[Forgery]:
        return [
            Forgery("signature removed", lambda p, _: self.good(p).rpartition(".")[0] + "."),
            Forgery("signature cut short", lambda p, _: self.good(p)[:-8]),
            Forgery("signature with one bit changed", lambda p, _: _flipped(self.good(p))),
            Forgery(
                "signature of another token",
                lambda p, o: f"{self.good(p).rpartition('.')[0]}.{self.good(o).split('.')[2]}",
            ),
        ]

    def _tampered(self) -> list[Forgery]:
        tenant, user, role = (self._claim(word) for word in ("{tenant}", "{user}", "{role}"))
        return [
            Forgery("payload tampered: another tenant", lambda p, other: self._altered(p, {tenant: other.tenant_id})),
            Forgery("payload tampered: another user", lambda p, other: self._altered(p, {user: other.user_id})),
            Forgery("payload tampered: a higher role", lambda p, _: self._altered(p, {role: "admin"})),
            Forgery(
                "payload tampered: a later expiry", lambda p, _: self._altered(p, {"exp": int(time.time()) + 80_000})
            ),
        ]

    def _altered(self, person: TenantAgent, change: Claims) -> str:
        """A good token whose payload was changed after it was signed."""
        good = self._good(person)
        head, _, signature = self.signed(good).split(".")
        return f"{head}.{_encoded({**good, **change})}.{signature}"

    def _keys(self) -> list[Forgery]:
        weak = [
            Forgery(f"weak key '{key}'", self._with_header({"alg": self._algorithm}, key.encode()))
            for key in _WEAK_KEYS
        ]
        kid = [
            Forgery(name, self._with_header({"alg": self._algorithm, "kid": where}, key))
            for name, (where, key) in _KID.items()
        ]
        jwk = {"kty": "oct", "k": _base64(_OWN_KEY), "alg": self._algorithm}
        own: list[tuple[str, dict[str, object]]] = [
            ("foreign key", {}),
            ("foreign key, brought along as jwk", {"jwk": jwk}),
            ("foreign key, at an address (jku)", {"jku": "http://127.0.0.1:9/keys"}),
            ("foreign key, at an address (x5u)", {"x5u": "http://127.0.0.1:9/key"}),
        ]
        foreign = [
            Forgery(name, self._with_header({"alg": self._algorithm, **header}, _OWN_KEY)) for name, header in own
        ]
        return [*weak, *kid, *foreign]

    def _gaps(self) -> list[Forgery]:
        def without(name: str) -> Maker:
            return lambda p, _: self.signed({key: value for key, value in self._good(p).items() if key != name})

        claims = [*self._claims, "iat", "nbf", "exp", "jti"]
        nonsense = [
            Forgery("no token at all", lambda *_: ""),
            Forgery("nonsense instead of a token", lambda *_: "a.b.c"),
            Forgery("two parts instead of three", lambda p, _: self.good(p).rpartition(".")[0]),
        ]
        return [*(Forgery(f"claim '{name}' missing", without(name)) for name in claims), *nonsense]

    def _claim(self, word: str) -> str:
        """The name of the claim that is filled with ``word``; empty when there is none."""
        return next((name for name, value in self._claims.items() if value == word), "")

    def _with_header(self, header: dict[str, object], key: bytes | None, digest: str = "sha256") -> Maker:
        return lambda person, _: _token({**_HEADER, **header}, self._good(person), key, digest)


def _always(change: Claims) -> Callable[[Claims], Claims]:
    return lambda _: change


def _token(header: dict[str, object], claims: Claims, key: bytes | None, digest: str) -> str:
    text = f"{_encoded(header)}.{_encoded(claims)}"
    if key is None:
        return f"{text}."
    return f"{text}.{_base64(hmac.digest(key, text.encode(), getattr(hashlib, digest)))}"


def _flipped(token: str) -> str:
    text, _, signature = token.rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
    raw[0] ^= 1
    return f"{text}.{_base64(bytes(raw))}"


def _encoded(value: Mapping[str, object]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
