"""Secrets that somebody wrote into a target file by mistake: found before anything is said about the file, never repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from isolation.target.placeholders import names_in
from isolation.target.reading.yaml_lines import Place

_TOKEN = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]{4,}\."  # a JWT
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)[-_][\w-]{8,}|\bgh[pousr]_\w{20,}|\bxox[abprs]-[\w-]{10,}|\bAKIA[0-9A-Z]{16}\b"
)
_USER_INFO = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s@{}]*:[^/\s@{}]+@")
_NAMES = re.compile(
    r"(?:^|_|-)(?:password|passwd|pwd|secret|api_?key|private_key|access_key|client_secret|auth_?token)$", re.I
)
_HEADERS = re.compile(r"^(?:authorization|proxy-authorization|cookie|.*api-?key|.*-token|.*-secret)$", re.I)
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,79}")
_ADVICE = (
    "put it into an environment variable or the credentials file, its name into 'secrets', and write '{name}' here"
)


def looks_secret(text: str) -> bool:
    """Whether a text looks like a key, a token or a password rather than like a name."""
    if _TOKEN.search(text) or _USER_INFO.search(text):
        return True
    if len(text) < 16 or not re.fullmatch(r"[\w+/=.-]+", text) or "_" in text or "." in text:
        return False
    kinds = (re.search(r"[a-z]", text), re.search(r"[A-Z]", text), re.search(r"\d", text))
    return all(kinds) or bool(len(text) >= 32 and re.fullmatch(r"[0-9a-fA-F]+", text))


def secrets_by_mistake(data: object) -> Iterator[tuple[Place, str]]:
    """Where something stands that looks like a secret, and what to do instead."""
    secrets = data.get("secrets") if isinstance(data, dict) else None
    if isinstance(secrets, dict):
        for word, name in secrets.items():
            if isinstance(name, str) and (_NAME.fullmatch(name) is None or looks_secret(name)):
                yield (
                    ("secrets", word),
                    "looks like a secret itself, or is no name: write the name of an environment variable or of an entry"
                    " of the credentials file, such as 'MY_PLATFORM_KEY'",
                )
    yield from _walk(data, ())


def _walk(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            inner = (*place, str(key))
            if isinstance(entry, str) and _is_secret_by_name(inner, entry):
                yield inner, f"holds a secret; {_ADVICE}"
            else:
                yield from _walk(entry, inner)
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _walk(entry, (*place, number))
    elif isinstance(value, str) and (_TOKEN.search(value) or _USER_INFO.search(value)):
        yield place, f"holds a secret; {_ADVICE}"


def _is_secret_by_name(place: Place, text: str) -> bool:
    if not text or any(names_in(text)) or place[0] in ("secrets", "words", "frames") or "keep" in place:
        return False
    name, around = str(place[-1]), place[-2] if len(place) > 1 else ""
    if around == "headers":
        return _HEADERS.match(name) is not None
    if name == "key" and around == "jwt":
        return True
    return _NAMES.search(name) is not None and len(text) >= 6 and around not in ("when", "until", "expect", "where")
