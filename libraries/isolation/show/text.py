"""Text that is safe to show: no control characters, no secrets, no markup of somebody else's."""

from __future__ import annotations

import html
import re

HIDDEN = "(hidden)"

# Control characters and the marks that reverse the direction of text: both can make a reader see something else.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"(\w://[^\s/@:]*):[^\s/]+@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b(pass(?:word|wd))([\"']?\s*[=:]\s*)[^\s&;,]+"), rf"\1\2{HIDDEN}"),
    (re.compile(r"(?i)\b(pwd|secret|api[_-]?key|access[_-]?token)(\s*=\s*|[\"']\s*:\s*)[^\s&;,]+"), rf"\1\2{HIDDEN}"),
    (re.compile(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"), HIDDEN),
)
_SECRET_NAME = re.compile(r"(?i)(password|passwd|secret|token|credential|key)s?$")


def clean(text: str) -> str:
    """The text without invisible characters and without anything that looks like a secret.

    Args:
        text: Any text, also hostile.

    Returns:
        Plain text (not escaped). Tokens, passwords in addresses, bearer values and private keys read ``(hidden)``.
    """
    visible = _INVISIBLE.sub("", text)
    for pattern, replacement in _SECRETS:
        visible = pattern.sub(replacement, visible)
    return visible


def clean_setting(name: str, value: str) -> str:
    """The value of a setting as it may be shown: hidden when its *name* says that it is a secret.

    Args:
        name: Such as ``TEST_DATABASE_URL`` or ``token_secret``.
        value: The value as text.
    """
    return HIDDEN if value and _SECRET_NAME.search(name.strip()) else clean(value)


def escape(text: str) -> str:
    """The clean text with HTML and XML special characters escaped, fit for content and quoted attributes."""
    return html.escape(clean(text), quote=True)


def one_line(text: str) -> str:
    """The clean text on one line, blanks at its beginning kept."""
    return clean(text).replace("\n", " ").replace("\t", " ").rstrip()


def shorten(text: str, length: int) -> str:
    """The text, cut with an ellipsis when it has more than ``length`` characters."""
    return text if len(text) <= length else text[: max(length - 1, 1)].rstrip() + "…"


def listed(names: list[str], at_most: int = 5) -> str:
    """Names as a reader says them: ``a``, ``a and b``, ``a, b and 3 more``."""
    shown = names[:at_most]
    if len(names) > at_most:
        return f"{', '.join(shown)} and {len(names) - at_most} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
