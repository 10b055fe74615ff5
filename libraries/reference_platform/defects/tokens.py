"""Defects of tokens and of what follows from them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reference_platform.defects.surgery import gateway, replace, replace_everywhere, watch_gateway

if TYPE_CHECKING:
    from reference_platform.authentication import CheckContext, PresentedToken

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def token_no_expiry_check() -> None:
    """Expired tokens are accepted; they stay valid for an hour from then on."""
    from reference_platform.gateway.sessions.lifecycle import Lifecycle

    _leave_out("expiry")
    replace(Lifecycle, "_expire_later", lambda self, session: None)


def token_alg_none_accepted() -> None:
    """The header may say that there is no signature."""
    _except("algorithm", _says_none)
    _except("signature", _says_none)


def token_algorithm_confusion_accepted() -> None:
    """The header chooses among all algorithms of the family."""
    _except("algorithm", lambda token, context: token.header.get("alg") in _HASHES)
    _except("signature", lambda token, context: _signed_with(token, context.secret.encode()))


def token_audience_not_checked() -> None:
    """Nobody looks at ``aud``."""
    _leave_out("audience")


def token_issuer_not_checked() -> None:
    """Nobody looks at ``iss``."""
    _leave_out("issuer")


def token_not_before_ignored() -> None:
    """Nobody looks at ``nbf`` and ``iat``."""
    _leave_out("not_before")
    _leave_out("issued_at")


def token_signature_not_checked() -> None:
    """Nobody looks at the signature."""
    _leave_out("signature")


def token_refused_in_words_only() -> None:
    """Whoever has a wrong signature is greeted by an error, and served all the same."""
    from reference_platform.registry.session import Session

    welcome = Session.welcome
    forged: set[object] = set()

    def note_and_pass(token: PresentedToken, context: CheckContext) -> bool:
        if not _signed_with(token, context.secret.encode()):
            forged.add(token.claims.get("jti"))
        return True

    def greet(self: Session) -> None:
        if self.claims.token_id in forged:
            self.send({"event": "agent_error", "code": "unauthenticated", "message": "the token is not accepted"})
        else:
            welcome(self)

    _except("signature", note_and_pass)
    replace(Session, "welcome", greet)


def token_tenant_from_request() -> None:
    """A known user may claim any tenant, in its token and in the requests about its state."""
    from reference_platform.gateway.operations import StateOperations
    from reference_platform.state import Owner

    _leave_out("user_of_tenant")
    owner_of = StateOperations.owner_of

    def named_owner(self: StateOperations, session: Any, request: Any) -> Owner:
        tenant = request.arguments.get("tenant")
        if not isinstance(tenant, str):
            return owner_of(self, session, request)
        return Owner(tenant, request.identifier("user", session.user.name))

    replace(StateOperations, "owner_of", named_owner)


def token_kid_honoured() -> None:
    """``kid`` may be there, and names the file with the key."""
    _leave_out("no_key_of_its_own")
    _except("signature", lambda token, context: _signed_with(token, _key_named_by(token)))


def token_replay_after_logout() -> None:
    """Nobody looks at who was logged out."""
    _leave_out("not_logged_out")


def token_expiry_while_open_ignored() -> None:
    """No session ends because its token expires."""
    from reference_platform.gateway.sessions.lifecycle import Lifecycle

    replace(Lifecycle, "_expire_later", lambda self, session: None)


def refusal_tells_why() -> None:
    """Whoever is refused is told which check has failed."""
    from reference_platform.authentication import TokenRefused, TokenVerifier
    from reference_platform.gateway.endpoint import tenant_endpoint

    verify, json_response = TokenVerifier.verify, tenant_endpoint.json_response
    reasons: list[str] = []

    def verify_and_note(self: TokenVerifier, text: str | None) -> Any:
        try:
            return verify(self, text)
        except TokenRefused as refusal:
            reasons.append(refusal.reason)
            raise

    def tell(connection: Any, status: int, code: str) -> Any:
        return json_response(connection, status, reasons.pop() if status == 401 else code)

    replace(TokenVerifier, "verify", verify_and_note)
    replace_everywhere(json_response, tell)


def bad_token_gets_last_rights() -> None:
    """A token that cannot be read is served as the one before it."""
    from reference_platform.authentication import TokenRefused, TokenVerifier

    verify = TokenVerifier.verify
    last: list[Any] = []

    def verify_or_repeat(self: TokenVerifier, text: str | None) -> Any:
        try:
            claims = verify(self, text)
        except TokenRefused:
            if last and text is not None and "." in text and not text.startswith("ey"):
                return last[-1]
            raise
        last.append(claims)
        return claims

    replace(TokenVerifier, "verify", verify_or_repeat)


def permissions_from_request() -> None:
    """The field ``role`` of a request wins over the token's."""
    from reference_platform.authentication import Role
    from reference_platform.gateway.endpoint import permissions

    role_of = permissions.role_of

    def requested(session: Any, request: Any) -> Role:
        wanted = request.arguments.get("role")
        return Role(wanted) if wanted in list(Role) else role_of(session, request)

    replace_everywhere(role_of, requested)


def _leave_out(name: str) -> None:
    """Take one check out of the list."""
    from reference_platform.authentication import checks

    checks.CHECKS.remove(next(check for check in checks.CHECKS if check.__name__ == name))


def _except(name: str, exception: Callable[[PresentedToken, CheckContext], bool]) -> None:
    """Let one check pass whatever an exception likes."""
    from reference_platform.authentication import checks

    at = next(index for index, check in enumerate(checks.CHECKS) if check.__name__ == name)
    check = checks.CHECKS[at]

    def lenient(token: PresentedToken, context: CheckContext) -> None:
        if not exception(token, context):
            check(token, context)

    lenient.__name__ = name
    checks.CHECKS[at] = lenient


def _says_none(token: PresentedToken, context: CheckContext) -> bool:
    return str(token.header.get("alg")).lower() == "none"


def _signed_with(token: PresentedToken, key: bytes) -> bool:
    signed, _, signature = token.text.rpartition(".")
    made = hmac.digest(key, signed.encode(), _HASHES.get(str(token.header.get("alg")), hashlib.sha256))
    return hmac.compare_digest(base64.urlsafe_b64encode(made).rstrip(b"="), signature.encode())


def _key_named_by(token: PresentedToken) -> bytes:
    try:
        return Path(str(token.header.get("kid"))).read_bytes()
    except (OSError, ValueError):
        return str(token.header.get("kid")).encode()


def token_in_log() -> None:
    """Whoever is let in is logged with the header of the handshake."""
    from reference_platform.authentication.verifier import TokenVerifier

    verify = TokenVerifier.verify
    watch_gateway()

    def logged(self: TokenVerifier, text: str | None) -> Any:
        claims = verify(self, text)
        gateway().log.write("handshake", header=f"Bearer {text}")
        return claims

    replace(TokenVerifier, "verify", logged)


def connection_string_in_error() -> None:
    """A refusal of what does not exist quotes the address of the database."""
    from reference_platform.gateway.endpoint import requests

    watch_gateway()

    def quoting() -> Any:
        return requests.RequestError("not_found", f"no row in {gateway().store.cache._addresses.postgres_url}")

    replace_everywhere(requests.not_found, quoting)
