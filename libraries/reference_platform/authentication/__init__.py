"""Who somebody is: tokens, their checks, and what is known of users."""

from reference_platform.authentication.checks import CHECKS, CheckContext, PresentedToken, TokenRefused
from reference_platform.authentication.directory import UserDirectory
from reference_platform.authentication.revocation import RevokedTokens
from reference_platform.authentication.rights import EndedRights
from reference_platform.authentication.verifier import Claims, Role, TokenVerifier, token_of_handshake

__all__ = [
    "CHECKS",
    "CheckContext",
    "Claims",
    "EndedRights",
    "PresentedToken",
    "RevokedTokens",
    "Role",
    "TokenRefused",
    "TokenVerifier",
    "UserDirectory",
    "token_of_handshake",
]
