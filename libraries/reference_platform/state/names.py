"""From tenant ids to the names of roles, keys and users in the stores."""

from __future__ import annotations

import hashlib
import re

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_PLAIN_LENGTH = 50
_LONGEST_KEY = 256

GATEWAY_ROLE = "platform_gateway"
"""The login of the gateway: it may become any tenant's role and may nothing by itself."""
OWNER_ROLE = "platform_owner"
"""Owns every table and cannot log in."""
TENANTS_ROLE = "platform_tenants"
"""Holds what all tenants' roles may do."""


def checked_id(what: str, text: str) -> str:
    """The id itself when it has the form of one.

    Args:
        what: Which id it is, for the message.
        text: The id.

    Raises:
        ValueError: When it is not 1 to 64 characters of ``A-Z a-z 0-9 _ . -``.
    """
    if not _ID.fullmatch(text):
        raise ValueError(f"A {what} id should be 1 to 64 characters of A-Z a-z 0-9 _ . - but is {text[:80]!r}")
    return text


def checked_key(key: str) -> str:
    """The key itself when a store can hold it.

    Args:
        key: Key of a document or name of a thread.

    Raises:
        ValueError: When it is not 1 to 256 characters that can be printed.
    """
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise ValueError(f"A key should be 1 to {_LONGEST_KEY} printable characters")
    return key


def tenant_role(tenant: str) -> str:
    """The database role of a tenant: different for different tenants, at most 63 bytes.

    Long ids are shortened and completed by a digest (SHA-256, 96 bits) behind ``~``, which no id can contain.
    """
    checked_id("tenant", tenant)
    if len(tenant) <= _PLAIN_LENGTH:
        return f"tenant_{tenant}"
    return f"tenant_{tenant[:30]}~{hashlib.sha256(tenant.encode()).hexdigest()[:24]}"


def redis_user(tenant: str) -> str:
    """The ACL user of a tenant."""
    return f"tenant_{checked_id('tenant', tenant)}"


def redis_prefix(tenant: str) -> str:
    """What every key and channel of a tenant starts with; no id contains a colon, so no prefix covers another."""
    return f"t:{checked_id('tenant', tenant)}:"


def quoted_name(name: str) -> str:
    """An SQL identifier, safely quoted."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """An SQL string, safely quoted (``standard_conforming_strings`` is on)."""
    return "'" + text.replace("'", "''") + "'"
