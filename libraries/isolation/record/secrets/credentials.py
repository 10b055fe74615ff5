"""What opens a platform: the credentials that a run used, which nobody else may ever see."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

THE_PLATFORM = "the platform"
"""The owner of what belongs to no tenant."""
SHORTEST = 10
"""Characters; shorter texts occur by chance and are no secrets."""


class CredentialKind(StrEnum):
    """What a credential is."""

    USER = "user credential"
    STORE = "store password"
    PLATFORM = "platform secret"


@dataclass(frozen=True, slots=True)
class Credential:
    """One credential.

    Attributes:
        kind: What it is.
        name: Which one, in words that may be shown.
        tenant: Whose, as the scenario calls the tenant; ``THE_PLATFORM`` for what no tenant may have.
        user: The id of its user; empty where it is the tenant's.
        text: The credential; never shown, never saved.
    """

    kind: CredentialKind
    name: str
    tenant: str
    user: str
    text: str = field(repr=False)
