"""From a handshake to a trusted identity."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import jwt

from reference_platform.authentication import checks
from reference_platform.authentication.checks import CheckContext, PresentedToken, TokenRefused
from reference_platform.authentication.directory import UserDirectory
from reference_platform.authentication.revocation import RevokedTokens
from reference_platform.authentication.rights import EndedRights

LONGEST_TOKEN = 4096
TOKEN_SUBPROTOCOL = "jwt."


class Role(StrEnum):
    """What a user may do; see PROTOCOL.md, Roles."""

    ADMIN = "admin"
    STANDARD = "standard"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Claims:
    """Who somebody is, from a token that passed every check.

    Attributes:
        token_id: The token's ``jti``.
        expires_at: When it expires (seconds since 1970).
    """

    tenant: str
    user: str
    role: Role
    token_id: str
    expires_at: float


class TokenVerifier:
    """Turns a token into claims, or refuses it."""

    def __init__(self, secret: str, revoked: RevokedTokens, directory: UserDirectory, rights: EndedRights) -> None:
        """Keep what the checks compare with.

        Args:
            secret: The key of the signature.
            revoked: Tokens that were logged out.
            directory: The tenants of known users.
            rights: Roles, users and tenants that were taken away.
        """
        self._rights = rights
        self._secret = secret
        self._revoked = revoked
        self._directory = directory

    @property
    def changes(self) -> int:
        """Grows whenever a right ends: a token that was verified before has to be verified again."""
        return self._revoked.changes + self._rights.changes

    def verify(self, text: str | None) -> Claims:
        """Make all checks.

        Args:
            text: The token, or None when there was none.

        Returns:
            Who it is. The user is bound to its tenant from then on.

        Raises:
            TokenRefused: With the reason of the first check that failed.
        """
        token = parse(text)
        context = CheckContext(self._secret, time.time(), self._revoked, self._directory, self._rights)
        for check in checks.CHECKS:
            check(token, context)
        claims = claims_of(token)
        self._directory.claim(claims.user, claims.tenant)
        return claims


def parse(text: str | None) -> PresentedToken:
    """Decode a token without trusting it.

    Args:
        text: The token, or None when there was none.

    Returns:
        Header and claims as they stand in the token.

    Raises:
        TokenRefused: If there is no token (``missing``) or it has no such form (``malformed``).
    """
    if not text:
        raise TokenRefused("missing")
    if len(text) > LONGEST_TOKEN:
        raise TokenRefused("malformed")
    try:
        decoded = jwt.decode_complete(text, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise TokenRefused("malformed") from error
    return PresentedToken(text, decoded["header"], decoded["payload"])


def claims_of(token: PresentedToken) -> Claims:
    """The identity that a checked token gives."""
    claims = token.claims
    return Claims(
        tenant=claims["tenant"],
        user=claims["sub"],
        role=Role(claims["role"]),
        token_id=claims["jti"],
        expires_at=float(claims["exp"]),
    )


def token_of_handshake(authorization: str | None, subprotocols: Iterable[str]) -> str | None:
    """Find the token in a handshake.

    Args:
        authorization: The header ``Authorization``, if there was one.
        subprotocols: The subprotocols that the client offered.

    Returns:
        The token, or None when there is none.
    """
    if authorization is not None:
        scheme, _, text = authorization.partition(" ")
        return text.strip() if scheme.lower() == "bearer" else None
    offered = [name for name in subprotocols if name.startswith(TOKEN_SUBPROTOCOL)]
    return offered[0].removeprefix(TOKEN_SUBPROTOCOL) if len(offered) == 1 else None
