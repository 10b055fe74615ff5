"""Each forged token differs from a good one in one thing; all ways of the contract are there."""

from __future__ import annotations

import time

import jwt
import pytest

from isolation.drive.platform.tenants import TenantAgent, words_of
from isolation.drive.probe.credentials.forged_tokens import Forger, Forgery, TokenRules
from isolation.drive.steps.tokens import TokenMint
from isolation.target.model import JwtRecipe

KEY = "a secret of at least thirty-two bytes, for tests"
CLAIMS = {"iss": "issuer", "aud": "here", "sub": "{user}", "tenant": "{tenant}", "role": "{role}"}
RECIPE = JwtRecipe.model_validate({"algorithm": "HS256", "key": "{key}", "lifetime": "600 s", "claims": CLAIMS})
ANN = TenantAgent("acme-1", "acme", "ann", "standard", words_of("acme", "ann", "standard"))
EVE = TenantAgent("other-1", "other", "eve", "standard", words_of("other", "eve", "standard"))
ALL_CLAIMS = frozenset([*CLAIMS, "iat", "nbf", "exp", "jti"])
STRICT = TokenRules(ALL_CLAIMS, one_tenant=True, known_roles=True)
FORGER = Forger(TokenMint(RECIPE, {"key": KEY}), CLAIMS, STRICT)
FORGERIES = {forgery.abuse: forgery for forgery in FORGER.forgeries()}


def verify(token: str) -> dict[str, object]:
    found: dict[str, object] = jwt.decode(
        token,
        KEY,
        algorithms=["HS256"],
        audience="here",
        issuer="issuer",
        options={"require": [*CLAIMS, "iat", "nbf", "exp", "jti"]},
    )
    return found


def test_the_good_twin_is_good() -> None:
    assert verify(FORGER.good(ANN))["sub"] == "ann"


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_careful_verifier_refuses_it_or_it_claims_what_is_not_so(forgery: Forgery) -> None:
    try:
        claims = verify(forgery.make(ANN, EVE))
    except jwt.InvalidTokenError:
        return
    # What a plain verification lets through is about who somebody is or how long a session may live.
    assert forgery.abuse in ("role that does not exist", "tenant of somebody else", "user of another tenant"), claims


def test_every_way_has_one_name_and_a_group() -> None:
    assert len(FORGERIES) == len(FORGER.forgeries())
    assert {forgery.group for forgery in FORGERIES.values()} == {"time", "signature", "identity", "key"}


@pytest.mark.parametrize(
    "way",
    ["expired", "not yet valid", "'none'", "'NONE'", "HS384", "HS512", "RS256", "wrong aud", "wrong iss",
     "tenant of somebody else", "tampered", "missing", "weak key", "foreign key", "kid leads", "kid injects SQL",
     "kid is empty"],
)  # fmt: skip
def test_the_contracts_list_is_there(way: str) -> None:
    assert any(way in abuse for abuse in FORGERIES)


def test_a_tampered_payload_keeps_its_signature() -> None:
    forged = FORGERIES["payload tampered: another tenant"].make(ANN, EVE)
    assert jwt.decode(forged, options={"verify_signature": False})["tenant"] == "other"
    with pytest.raises(jwt.InvalidSignatureError):
        verify(forged)


def test_a_target_without_tenant_claim_gets_no_forgery_of_it() -> None:
    few = {"sub": "{user}", "role": "{role}"}
    forger = Forger(TokenMint(RECIPE.model_copy(update={"claims": few}), {"key": KEY}), few, STRICT)
    assert not any("tenant of" in forgery.abuse or "wrong" in forgery.abuse for forgery in forger.forgeries())


def lenient(**rules: object) -> dict[str, Forgery]:
    forger = Forger(TokenMint(RECIPE, {"key": KEY}), CLAIMS, TokenRules(**rules))  # type: ignore[arg-type]
    return {forgery.abuse: forgery for forgery in forger.forgeries()}


def test_only_claims_that_are_required_are_left_out() -> None:
    few = lenient(required=frozenset({"exp", "sub"}))
    assert {abuse for abuse in few if abuse.endswith("missing")} == {"claim 'exp' missing", "claim 'sub' missing"}
    assert "issued in the future" not in few and "expiry is null" in few


def test_what_the_issuer_really_signed_is_bad_by_a_rule_only() -> None:
    assert not {"tenant of somebody else", "user of another tenant", "role that does not exist"} & set(lenient())


def test_a_leeway_is_respected() -> None:
    few = lenient(leeway_s=10.0)
    assert "expired 11 seconds ago" in few and "expired a second ago" not in few
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(few["expired 11 seconds ago"].make(ANN, EVE), KEY, ["HS256"], audience="here", leeway=10)


def test_tokens_are_made_by_the_platforms_clock() -> None:
    behind = Forger(TokenMint(RECIPE, {"key": KEY}), CLAIMS, TokenRules(clock_s=-30.0))
    claims = jwt.decode(behind.good(ANN), options={"verify_signature": False})
    assert -32 <= claims["nbf"] - time.time() <= -28


@pytest.mark.parametrize("way", ["critical", "b64", "five parts", "JSON form", "x5c", "list of others", "as text"])
def test_rarer_forgeries_are_there(way: str) -> None:
    assert any(way in abuse for abuse in FORGERIES)
