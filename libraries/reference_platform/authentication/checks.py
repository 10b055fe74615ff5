"""The checks that a token must pass, one function each, in the order in which they are made.

Each check looks at one property and raises :class:`TokenRefused` with a reason for the audit log. The form and the
signature come first: nothing that a forged token claims is ever looked at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from reference_platform.authentication.directory import UserDirectory
from reference_platform.authentication.revocation import RevokedTokens
from reference_platform.authentication.rights import EndedRights

ALGORITHM = "HS256"
ISSUER = "reference-platform-auth"
AUDIENCE = "agent-platform"
ROLES = ("admin", "standard", "restricted")
LEEWAY_SECONDS = 5.0
LONGEST_LIFE_SECONDS = 86_400
#: Header fields that name a key or change how the payload is read: a token never chooses its own key.
REFUSED_HEADER_FIELDS = frozenset({"kid", "jku", "jwk", "x5u", "x5c", "crit", "b64"})
ID_FORM = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class TokenRefused(Exception):
    """A token was refused.

    Attributes:
        reason: One word for the audit log; never part of the token.
    """

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """A token as it was presented; nothing in it is trusted.

    Attributes:
        text: The token itself.
        header: Its decoded header.
        claims: Its decoded claims.
    """

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What the checks compare a token with.

    Attributes:
        secret: The key of the signature.
        now: Seconds since 1970.
        revoked: Tokens that were logged out.
        directory: The tenants of known users.
        rights: Roles, users and tenants that were taken away.
    """

    secret: str
    now: float
    revoked: RevokedTokens
    directory: UserDirectory
    rights: EndedRights


Check = Callable[[PresentedToken, CheckContext], None]


def algorithm(token: PresentedToken, context: CheckContext) -> None:
    """Only HS256, in exactly this spelling."""
    if token.header.get("alg") != ALGORITHM:
        raise TokenRefused("algorithm")


def no_key_of_its_own(token: PresentedToken, context: CheckContext) -> None:
    """The header names no key."""
    if REFUSED_HEADER_FIELDS & token.header.keys():
        raise TokenRefused("key_in_header")


def signature(token: PresentedToken, context: CheckContext) -> None:
    """Signed with the platform's key."""
    options: Any = {"verify_signature": True, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    options |= {"verify_aud": False, "verify_iss": False, "verify_sub": False, "verify_jti": False}
    try:
        jwt.decode(token.text, context.secret, algorithms=[ALGORITHM], options=options)
    except jwt.InvalidTokenError as error:
        raise TokenRefused("signature") from error


def issuer(token: PresentedToken, context: CheckContext) -> None:
    """Issued by this platform's authority."""
    if token.claims.get("iss") != ISSUER:
        raise TokenRefused("issuer")


def audience(token: PresentedToken, context: CheckContext) -> None:
    """Made for this platform."""
    if token.claims.get("aud") != AUDIENCE:
        raise TokenRefused("audience")


def expiry(token: PresentedToken, context: CheckContext) -> None:
    """Not expired; no leeway."""
    if seconds_of(token, "exp") <= context.now:
        raise TokenRefused("expired")


def not_before(token: PresentedToken, context: CheckContext) -> None:
    """Already valid."""
    if seconds_of(token, "nbf") > context.now + LEEWAY_SECONDS:
        raise TokenRefused("not_yet_valid")


def issued_at(token: PresentedToken, context: CheckContext) -> None:
    """Not issued in the future."""
    if seconds_of(token, "iat") > context.now + LEEWAY_SECONDS:
        raise TokenRefused("issued_in_future")


def lifetime(token: PresentedToken, context: CheckContext) -> None:
    """Lives for a day at most."""
    if seconds_of(token, "exp") - seconds_of(token, "iat") > LONGEST_LIFE_SECONDS:
        raise TokenRefused("lifetime")


def subject(token: PresentedToken, context: CheckContext) -> None:
    """Names a user."""
    if not is_id(token.claims.get("sub")):
        raise TokenRefused("subject")


def tenant(token: PresentedToken, context: CheckContext) -> None:
    """Names a tenant."""
    if not is_id(token.claims.get("tenant")):
        raise TokenRefused("tenant")


def role(token: PresentedToken, context: CheckContext) -> None:
    """Names one of the three roles."""
    if token.claims.get("role") not in ROLES:
        raise TokenRefused("role")


def token_id(token: PresentedToken, context: CheckContext) -> None:
    """Has an id of its own."""
    if not is_id(token.claims.get("jti")):
        raise TokenRefused("token_id")


def not_logged_out(token: PresentedToken, context: CheckContext) -> None:
    """Was not logged out."""
    if context.revoked.is_revoked(token.claims["sub"], token.claims["jti"]):
        raise TokenRefused("logged_out")


def tenant_not_suspended(token: PresentedToken, context: CheckContext) -> None:
    """The tenant is not suspended."""
    if context.rights.is_suspended(token.claims["tenant"]):
        raise TokenRefused("tenant_suspended")


def user_not_removed(token: PresentedToken, context: CheckContext) -> None:
    """The user was not removed after the token was issued."""
    if context.rights.is_removed(token.claims["sub"], seconds_of(token, "iat")):
        raise TokenRefused("user_removed")


def role_not_taken(token: PresentedToken, context: CheckContext) -> None:
    """The user still has the role."""
    if context.rights.is_role_taken(token.claims["sub"], token.claims["role"]):
        raise TokenRefused("role_taken")


def user_of_tenant(token: PresentedToken, context: CheckContext) -> None:
    """The user is not known in another tenant."""
    known = context.directory.tenant_of(token.claims["sub"])
    if known is not None and known != token.claims["tenant"]:
        raise TokenRefused("user_of_another_tenant")


#: All checks, in the order in which they are made.
CHECKS: list[Check] = [
    algorithm,
    no_key_of_its_own,
    signature,
    issuer,
    audience,
    expiry,
    not_before,
    issued_at,
    lifetime,
    subject,
    tenant,
    role,
    token_id,
    not_logged_out,
    tenant_not_suspended,
    user_not_removed,
    role_not_taken,
    user_of_tenant,
]


def is_id(value: object) -> bool:
    """Whether a value is an id: 1 to 64 characters from ``A-Z a-z 0-9 _ . -``."""
    return isinstance(value, str) and ID_FORM.fullmatch(value) is not None


def seconds_of(token: PresentedToken, claim: str) -> float:
    """A claim that is a time.

    Args:
        token: Where to look.
        claim: ``exp``, ``nbf`` or ``iat``.

    Returns:
        Seconds since 1970.

    Raises:
        TokenRefused: If it is missing or no finite number.
    """
    value = token.claims.get(claim)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TokenRefused(f"no_{claim}")
    return float(value)
