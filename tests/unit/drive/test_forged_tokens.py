"""Each forged token differs from a good one in one thing; all ways of the contract are there."""

from __future__ import annotations

import jwt
import pytest

from isolation.drive.platform.tenants import TenantAgent, words_of
from isolation.drive.probe.forged_tokens import Forger, Forgery
from isolation.drive.steps.tokens import TokenMint
from isolation.target.model import JwtRecipe

KEY = "a secret of at least thirty-two bytes, for tests"
CLAIMS = {"iss": "issuer", "aud": "here", "sub": "{user}", "tenant": "{tenant}", "role": "{role}"}
RECIPE = JwtRecipe(algorithm="HS256", key="{key}", lifetime="600 s", claims=CLAIMS)
ANN = TenantAgent("acme-1", "acme", "ann", "standard", words_of("acme", "ann", "standard"))
EVE = TenantAgent("other-1", "other", "eve", "standard", words_of("other", "eve", "standard"))
FORGER = Forger(TokenMint(RECIPE, {"key": KEY}), KEY, "HS256", CLAIMS)
FORGERIES = {forgery.abuse: forgery for forgery in FORGER.forgeries()}


def verify(token: str) -> dict[str, object]:
    options = {"require": [*CLAIMS, "iat", "nbf", "exp", "jti"]}
    found: dict[str, object] = jwt.decode(
        token, KEY, algorithms=["HS256"], audience="here", issuer="issuer", options=options
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
    forger = Forger(TokenMint(RECIPE.model_copy(update={"claims": few}), {"key": KEY}), KEY, "HS256", few)
    assert not any("tenant of" in forgery.abuse or "wrong" in forgery.abuse for forgery in forger.forgeries())
