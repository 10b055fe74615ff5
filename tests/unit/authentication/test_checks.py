"""Every check of a token refuses what it is there for, and nothing else does."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from reference_platform.authentication import Role, TokenRefused, TokenVerifier, UserDirectory, token_of_handshake
from reference_platform.authentication.revocation import RevokedTokens
from reference_platform.authentication.rights import EndedRights

SECRET = "a secret of the unit tests, longer than thirty-two bytes"
Change = Callable[[dict[str, Any]], None]


def claims_of(user: str = "ann", tenant: str = "acme") -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": "reference-platform-auth",
        "aud": "agent-platform",
        "sub": user,
        "tenant": tenant,
        "role": "standard",
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "jti": f"token-of-{user}",
    }


def signed(claims: dict[str, Any], key: str = SECRET, algorithm: str = "HS256", **header: Any) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers=header or None)


def unsigned(claims: dict[str, Any], algorithm: str) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims)}."


def tampered(token: str) -> str:
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["tenant"] = "globex"
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{header}.{changed}.{signature}"


@pytest.fixture
def revoked(tmp_path: Path) -> RevokedTokens:
    return RevokedTokens(tmp_path / "revoked.jsonl")


@pytest.fixture
def directory() -> UserDirectory:
    return UserDirectory()


@pytest.fixture
def rights(tmp_path: Path) -> EndedRights:
    return EndedRights(tmp_path / "rights.jsonl")


@pytest.fixture
def verifier(revoked: RevokedTokens, directory: UserDirectory, rights: EndedRights) -> TokenVerifier:
    return TokenVerifier(SECRET, revoked, directory, rights)


def reason_of(verifier: TokenVerifier, token: str | None) -> str:
    with pytest.raises(TokenRefused) as refusal:
        verifier.verify(token)
    return refusal.value.reason


def test_a_good_token_gives_tenant_user_and_role(verifier: TokenVerifier) -> None:
    claims = verifier.verify(signed(claims_of()))
    assert (claims.tenant, claims.user, claims.role) == ("acme", "ann", Role.STANDARD)


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("iss", "somebody-else", "issuer"),
        ("iss", None, "issuer"),
        ("aud", "another-platform", "audience"),
        ("aud", ["agent-platform"], "audience"),
        ("exp", 1, "expired"),
        ("exp", None, "no_exp"),
        ("exp", "tomorrow", "no_exp"),
        ("exp", True, "no_exp"),
        ("exp", time.time() + 90_000, "lifetime"),
        ("nbf", time.time() + 3_600, "not_yet_valid"),
        ("nbf", None, "no_nbf"),
        ("iat", time.time() + 3_600, "issued_in_future"),
        ("iat", None, "no_iat"),
        ("sub", None, "subject"),
        ("sub", "ann/../bob", "subject"),
        ("sub", "x" * 65, "subject"),
        ("tenant", "", "tenant"),
        ("tenant", None, "tenant"),
        ("role", "owner", "role"),
        ("role", ["admin"], "role"),
        ("jti", None, "token_id"),
        ("jti", 7, "token_id"),
    ],
)
def test_a_wrong_claim_is_refused_for_its_own_reason(
    verifier: TokenVerifier, claim: str, value: Any, reason: str
) -> None:
    claims = claims_of()
    if value is None:
        del claims[claim]
    else:
        claims[claim] = value
    # PyJWT's own encoder refuses some wrong claims, so the payload is signed as bytes.
    token = jwt.api_jws.encode(json.dumps(claims).encode(), SECRET, algorithm="HS256")
    assert reason_of(verifier, token) == reason


def test_a_clock_that_is_three_seconds_off_is_forgiven(verifier: TokenVerifier) -> None:
    claims = claims_of() | {"nbf": time.time() + 3, "iat": time.time() + 3}
    assert verifier.verify(signed(claims)).user == "ann"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "hs256", "HS256 ", ""])
def test_a_token_without_signature_is_refused_in_any_spelling(verifier: TokenVerifier, algorithm: str) -> None:
    assert reason_of(verifier, unsigned(claims_of(), algorithm)) == "algorithm"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_with_the_right_key_is_refused(verifier: TokenVerifier, algorithm: str) -> None:
    assert reason_of(verifier, signed(claims_of(), algorithm=algorithm)) == "algorithm"


@pytest.mark.parametrize("field", ["kid", "jku", "jwk", "x5u", "x5c"])
def test_a_token_that_names_its_own_key_is_refused(verifier: TokenVerifier, field: str) -> None:
    assert reason_of(verifier, signed(claims_of(), **{field: "https://evil.example/key"})) == "key_in_header"


def test_a_foreign_key_is_refused(verifier: TokenVerifier) -> None:
    assert reason_of(verifier, signed(claims_of(), key="another key, also longer than thirty-two bytes")) == "signature"


def test_a_tampered_payload_is_refused(verifier: TokenVerifier) -> None:
    assert reason_of(verifier, tampered(signed(claims_of()))) == "signature"


@pytest.mark.parametrize("token", ["", None])
def test_no_token_is_refused(verifier: TokenVerifier, token: str | None) -> None:
    assert reason_of(verifier, token) == "missing"


@pytest.mark.parametrize("token", ["x", "a.b.c", "..", "\x00", "e30.e30.", "W10.W10.", "x" * 5000, "é.é.é"])
def test_nonsense_is_refused(verifier: TokenVerifier, token: str) -> None:
    assert reason_of(verifier, token) in ("malformed", "algorithm")


def test_a_token_that_was_logged_out_is_refused_also_by_the_next_process(
    verifier: TokenVerifier, revoked: RevokedTokens, directory: UserDirectory, rights: EndedRights, tmp_path: Path
) -> None:
    token = signed(claims_of())
    claims = verifier.verify(token)
    revoked.revoke(claims.user, claims.token_id, claims.expires_at)
    assert reason_of(verifier, token) == "logged_out"
    later = TokenVerifier(SECRET, RevokedTokens(tmp_path / "revoked.jsonl"), directory, rights)
    assert reason_of(later, token) == "logged_out"


def test_a_logout_does_not_touch_another_user_with_the_same_token_id(
    verifier: TokenVerifier, revoked: RevokedTokens
) -> None:
    revoked.revoke("bob", "token-of-ann", time.time() + 600)
    assert verifier.verify(signed(claims_of())).user == "ann"


def test_a_user_known_in_one_tenant_is_refused_in_another(verifier: TokenVerifier) -> None:
    verifier.verify(signed(claims_of("ann", "acme")))
    assert reason_of(verifier, signed(claims_of("ann", "globex"))) == "user_of_another_tenant"
    assert verifier.verify(signed(claims_of("ann", "acme"))).tenant == "acme"


def test_a_forged_token_binds_no_user(verifier: TokenVerifier, directory: UserDirectory) -> None:
    forged = signed(claims_of("ann", "globex"), key="another key, also longer than thirty-two bytes")
    assert reason_of(verifier, forged) == "signature"
    assert directory.tenant_of("ann") is None


def test_the_token_comes_from_the_header_or_from_the_subprotocol() -> None:
    assert token_of_handshake("Bearer abc", []) == "abc"
    assert token_of_handshake(None, ["agents.v1", "jwt.abc"]) == "abc"
    assert token_of_handshake("Basic abc", ["jwt.abc"]) is None
    assert token_of_handshake(None, ["jwt.abc", "jwt.def"]) is None
    assert token_of_handshake(None, []) is None


def test_a_taken_role_is_refused_until_it_is_given_back_and_nothing_else_is(
    verifier: TokenVerifier, rights: EndedRights
) -> None:
    rights.take_role("ann", "standard")
    assert reason_of(verifier, signed(claims_of())) == "role_taken"
    verifier.verify(signed({**claims_of(), "role": "restricted"}))
    verifier.verify(signed(claims_of("bob")))
    rights.give_role("ann", "standard")
    verifier.verify(signed(claims_of()))


def test_a_removed_user_is_refused_by_every_token_that_was_issued_before(
    verifier: TokenVerifier, rights: EndedRights
) -> None:
    ahead = {**claims_of(), "iat": int(time.time()) + 4}
    rights.remove_user("ann")
    assert reason_of(verifier, signed(claims_of())) == "user_removed"
    assert reason_of(verifier, signed(ahead)) == "user_removed"
    verifier.verify(signed(claims_of("bob")))
    assert not rights.is_removed("ann", time.time() + 6)


def test_a_suspended_tenant_is_refused_until_it_is_reinstated(verifier: TokenVerifier, rights: EndedRights) -> None:
    rights.suspend_tenant("acme")
    assert reason_of(verifier, signed(claims_of())) == "tenant_suspended"
    verifier.verify(signed(claims_of("bob", "acme2")))
    rights.reinstate_tenant("acme")
    verifier.verify(signed(claims_of()))


def test_ended_rights_are_known_to_the_next_process(rights: EndedRights, tmp_path: Path) -> None:
    rights.take_role("ann", "admin")
    rights.take_role("ann", "standard")
    rights.give_role("ann", "standard")
    rights.suspend_tenant("acme")
    rights.remove_user("bob")
    later = EndedRights(tmp_path / "rights.jsonl")
    assert later.is_role_taken("ann", "admin") and not later.is_role_taken("ann", "standard")
    assert later.is_suspended("acme") and later.is_removed("bob", time.time())


def test_every_change_of_rights_asks_for_a_second_look(verifier: TokenVerifier, rights: EndedRights) -> None:
    seen = verifier.changes
    rights.take_role("ann", "admin")
    assert verifier.changes != seen
