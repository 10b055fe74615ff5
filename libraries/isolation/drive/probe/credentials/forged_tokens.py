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

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

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


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What the target file says of good tokens.

    Attributes:
        required: Claims without which a token must be refused.
        leeway_s: How long after its end a token may still be taken.
        one_tenant: Whether a user belongs to one tenant, whatever a token says.
        known_roles: Whether a role that is not known is refused.
        clock_s: By how much the platform's clock is ahead of ours.
    """

    required: frozenset[str] = frozenset()
    leeway_s: float = 0.0
    one_tenant: bool = False
    known_roles: bool = False
    clock_s: float = 0.0


class Forger:
    """Makes forged tokens for one target."""

    def __init__(self, mint: TokenMint, claims: Mapping[str, str], rules: TokenRules) -> None:
        """Take what a good token is made of.

        Args:
            mint: Makes the good claims.
            claims: The target file's claims, by name, with what fills them.
            rules: What must be refused at this target.
        """
        self._mint = mint
        self._algorithm = mint.recipe.algorithm
        self._key = _shared_key(mint.secret, self._algorithm)
        self._claims = claims
        self._rules = rules

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
            claims["exp"] = int(self._now()) + seconds
        return self.signed(claims)

    def signed(self, claims: Claims, header: Mapping[str, object] | None = None) -> str:
        """A token with these claims that is signed with the platform's key, whatever the claims are worth."""
        if self._algorithm in _DIGESTS:
            return _token(
                {**_HEADER, "alg": self._algorithm, **(header or {})}, claims, self._key, _DIGESTS[self._algorithm]
            )
        return self._mint.sign(claims, header)

    @property
    def _hmac(self) -> str:
        """The algorithm of forgeries that are signed with a key of the attacker's own."""
        return self._algorithm if self._algorithm in _DIGESTS else "HS256"

    def _now(self) -> float:
        """The platform's time."""
        return time.time() + self._rules.clock_s

    def _good(self, person: TenantAgent) -> Claims:
        claims = self._mint.claims(person.words)
        shift = round(self._rules.clock_s)
        times = {name: claims[name] for name in ("iat", "nbf", "exp") if isinstance(claims.get(name), (int, float))}
        return {**claims, **{name: value + shift for name, value in times.items()}}  # type: ignore[operator]  # numbers

    def _changed(self, abuse: str, change: Callable[[Claims], Claims]) -> Forgery:
        return Forgery(abuse, lambda person, _: self.signed({**(good := self._good(person)), **change(good)}))

    def _times(self) -> list[Forgery]:
        now, leeway = self._now, self._rules.leeway_s
        over = int(leeway) + (1 if not self._rules.clock_s else 2)
        later = max(600, 10 * int(leeway))
        forgeries = [
            self._changed(
                "expired a second ago" if over == 1 else f"expired {over} seconds ago",
                lambda _: {"iat": int(now()) - over - 60, "nbf": int(now()) - over - 60, "exp": int(now()) - over},
            ),
            self._changed(
                "expired a year ago",
                lambda _: {"iat": now() - 2 * _YEAR, "nbf": now() - 2 * _YEAR, "exp": now() - _YEAR},
            ),
            self._changed("expired, the time as text", lambda _: {"exp": str(int(now() - leeway) - 100)}),
            self._changed("not yet valid", lambda _: {"nbf": int(now()) + later}),
            self._changed("expiry is a word", lambda _: {"exp": "never"}),
        ]
        if "iat" in self._rules.required:
            forgeries.append(
                self._changed("issued in the future", lambda _: {"iat": int(now()) + later, "nbf": int(now()) + later})
            )
        if "exp" in self._rules.required:
            forgeries += [
                self._changed("expiry is true", lambda _: {"exp": True}),
                self._changed("expiry is null", lambda _: {"exp": None}),
            ]
        return forgeries

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
        if self._algorithm not in _DIGESTS:
            same_key = [
                Forgery(
                    f"{name} with the public key as its secret", self._with_header({"alg": name}, self._key, digest)
                )
                for name, digest in _DIGESTS.items()
            ]
            announced = []
        return [
            *none,
            Forgery("algorithm 'none', signed all the same", self._with_header({"alg": "none"}, self._key)),
            Forgery("no algorithm named", self._with_header({}, self._key)),
            *same_key,
            *announced,
        ]

    def _identities(self) -> list[Forgery]:
        """What the issuer really signed is bad only where a rule of the platform says so."""
        named = [name for name in ("aud", "iss") if name in self._claims]
        forgeries = [self._changed(f"wrong {name}", _always({name: "somebody-else"})) for name in named]
        if "aud" in named:
            others: Claims = {"aud": ["somebody-else", "nobody"]}
            forgeries.append(self._changed("audience is a list of others", _always(others)))
        role, tenant, user = (self._claim(word) for word in ("{role}", "{tenant}", "{user}"))
        if self._rules.known_roles and role:
            forgeries.append(self._changed("role that does not exist", _always({role: "superuser"})))
        if self._rules.one_tenant and tenant and user:
            forgeries += [
                Forgery("tenant of somebody else", lambda p, o: self.signed({**self._good(p), tenant: o.tenant_id})),
                Forgery("user of another tenant", lambda p, o: self.signed({**self._good(p), user: o.user_id})),
            ]
        return forgeries

    def _signatures(self) -> list[Forgery]:
        critical = {"crit": ["isolation-check"], "isolation-check": True}
        return [
            Forgery("unknown header that is critical", lambda p, _: self._unsigned_header(p, critical)),
            Forgery(
                "payload announced as unencoded (b64)",
                lambda p, _: self._unsigned_header(p, {"crit": ["b64"], "b64": False}),
            ),
            Forgery("encrypted form (five parts)", lambda p, _: ".".join([*self.good(p).split("."), "AAAA", "AAAA"])),
            Forgery("JSON form instead of the compact one", lambda p, _: self._as_json(p)),
            Forgery("signature removed", lambda p, _: self.good(p).rpartition(".")[0] + "."),
            Forgery("signature cut short", lambda p, _: self.good(p)[:-8]),
            Forgery("signature with one bit changed", lambda p, _: _flipped(self.good(p))),
            Forgery(
                "signature of another token",
                lambda p, o: f"{self.good(p).rpartition('.')[0]}.{self.good(o).split('.')[2]}",
            ),
        ]

    def _unsigned_header(self, person: TenantAgent, header: Mapping[str, object]) -> str:
        """A good token whose header was changed after it was signed."""
        head, payload, signature = self.good(person).split(".")
        changed = {**json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))), **header}
        return f"{_encoded(changed)}.{payload}.{signature}"

    def _as_json(self, person: TenantAgent) -> str:
        """The JSON serialisation of RFC 7515, with a signature that is not one."""
        head, payload, _ = self.good(person).split(".")
        return _encoded({"payload": payload, "protected": head, "signature": "AAAA"})

    def _tampered(self) -> list[Forgery]:
        tenant, user, role = (self._claim(word) for word in ("{tenant}", "{user}", "{role}"))
        tampered: list[Forgery] = []
        if tenant:
            tampered.append(
                Forgery("payload tampered: another tenant", lambda p, o: self._altered(p, {tenant: o.tenant_id}))
            )
        if role:
            tampered.append(Forgery("payload tampered: a higher role", lambda p, _: self._altered(p, {role: "admin"})))
        return [
            *tampered,
            Forgery("payload tampered: another user", lambda p, o: self._altered(p, {user or "sub": o.user_id})),
            Forgery(
                "payload tampered: a later expiry", lambda p, _: self._altered(p, {"exp": int(self._now()) + 80_000})
            ),
        ]

    def _altered(self, person: TenantAgent, change: Claims) -> str:
        """A good token whose payload was changed after it was signed."""
        good = self._good(person)
        head, _, signature = self.signed(good).split(".")
        return f"{head}.{_encoded({**good, **change})}.{signature}"

    def _keys(self) -> list[Forgery]:
        weak = [
            Forgery(f"weak key '{key}'", self._with_header({"alg": self._hmac}, key.encode())) for key in _WEAK_KEYS
        ]
        kid = [
            Forgery(name, self._with_header({"alg": self._hmac, "kid": where}, key))
            for name, (where, key) in _KID.items()
        ]
        jwk = {"kty": "oct", "k": _base64(_OWN_KEY), "alg": self._hmac}
        own: list[tuple[str, dict[str, object]]] = [
            ("foreign key", {}),
            ("foreign key, brought along as jwk", {"jwk": jwk}),
            ("foreign key, at an address (jku)", {"jku": "http://127.0.0.1:9/keys"}),
            ("foreign key, at an address (x5u)", {"x5u": "http://127.0.0.1:9/key"}),
            ("foreign key, brought along as x5c", {"x5c": [base64.b64encode(_OWN_KEY).decode()]}),
        ]
        foreign = [Forgery(name, self._with_header({"alg": self._hmac, **header}, _OWN_KEY)) for name, header in own]
        return [*weak, *kid, *foreign]

    def _gaps(self) -> list[Forgery]:
        def without(name: str) -> Maker:
            return lambda p, _: self.signed({key: value for key, value in self._good(p).items() if key != name})

        claims = sorted(self._rules.required)
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


def _shared_key(secret: str, algorithm: str) -> bytes:
    """What an attacker could take for the secret of an HMAC: the secret itself, or the public key that everybody knows."""
    if algorithm in _DIGESTS or "PRIVATE KEY" not in secret:
        return secret.encode()
    try:
        private = load_pem_private_key(secret.encode(), None)
        return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return secret.encode()


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
