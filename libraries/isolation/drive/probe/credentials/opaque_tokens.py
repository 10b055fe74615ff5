"""Tokens that the suite cannot make: spoilt ones, made from good tokens by a single change."""

from __future__ import annotations

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.credentials.forged_tokens import Forgery


def opaque_forgeries() -> list[Forgery]:
    """Every way of abuse of a token that nobody can look into."""
    return [
        Forgery("no token at all", lambda *_: "", "identity"),
        Forgery("token cut short", lambda p, _: p.token[:-1], "signature"),
        Forgery("token with a sign more", lambda p, _: f"{p.token}0", "signature"),
        Forgery("token with one sign changed", lambda p, _: _changed(p), "signature"),
        Forgery("token in another case", lambda p, _: _swapped(p.token), "signature"),
        Forgery("half of another user's token", lambda p, o: _halves(p.token, o.token), "identity"),
        Forgery("only the beginning of a token", lambda p, _: p.token[: max(1, len(p.token) // 2)], "signature"),
        Forgery("a pattern instead of a token", lambda *_: "*", "key"),
        Forgery("the user's id instead of a token", lambda p, _: p.user_id, "key"),
    ]


def _changed(person: TenantAgent) -> str:
    token = person.token
    middle = len(token) // 2
    other = "0" if token[middle : middle + 1] != "0" else "1"
    return token[:middle] + other + token[middle + 1 :]


def _swapped(token: str) -> str:
    swapped = token.swapcase()
    return swapped if swapped != token else f"{token}{token}"


def _halves(first: str, second: str) -> str:
    return second[: len(second) // 2] + first[len(first) // 2 :]
