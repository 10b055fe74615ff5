"""Users of a list: one experiment after the other has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from isolation.drive.platform.identities import GivenUsers, IdentityError


@pytest.fixture
def given(tmp_path: Path) -> GivenUsers:
    file = tmp_path / "users.json"
    users = [{"tenant": tenant, "user": f"{tenant}.{name}"} for tenant in ("a", "b") for name in ("ann", "ben")]
    file.write_text(json.dumps(users))
    return GivenUsers(file)


def test_tenants_are_handed_out_once(given: GivenUsers) -> None:
    assert [given.take(name, "standard").tenant_id for name in ("one", "two")] == ["a", "b"]
    with pytest.raises(IdentityError):
        given.take("three", "standard")


def test_what_is_given_back_is_handed_out_again(given: GivenUsers) -> None:
    taken = [given.take(name, "standard") for name in ("one", "two")]
    colleague = given.colleague("one.2", "a", "standard")
    given.give_back([*taken, colleague])
    again = {given.take(name, "standard").tenant_id for name in ("three", "four")}
    assert again == {"a", "b"}
