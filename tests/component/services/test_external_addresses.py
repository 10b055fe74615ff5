"""Stores named by the environment are taken, or refused in one sentence that repeats no password."""

from __future__ import annotations

import pytest

from reference_platform.services import ServiceError, external_addresses

_GOOD = {
    "TEST_DATABASE_URL": "postgresql://boss:p%40ss@db.example:6432/shop_test",
    "TEST_REDIS_URL": "redis://:hush@cache.example/3",
}


def test_addresses_are_read_with_all_their_parts() -> None:
    found = external_addresses(_GOOD)
    assert found is not None
    assert (found.postgres_host, found.postgres_port, found.postgres_database) == ("db.example", 6432, "shop_test")
    assert (found.postgres_admin_user, found.postgres_admin_password) == ("boss", "p@ss")
    assert (found.redis_host, found.redis_port, found.redis_database) == ("cache.example", 6379, 3)
    assert (found.redis_admin_user, found.redis_admin_password) == ("default", "hush")
    assert not found.own_servers
    assert external_addresses({"TEST_DATABASE_URL": found.postgres_url, "TEST_REDIS_URL": found.redis_url}) == found


def test_without_addresses_there_is_nothing_external() -> None:
    assert external_addresses({}) is None


def test_a_database_that_is_no_test_database_is_refused_unless_told_otherwise() -> None:
    environment = {**_GOOD, "TEST_DATABASE_URL": "postgresql://boss:hush@db/production"}
    with pytest.raises(ServiceError, match="should name a test database but names 'production'"):
        external_addresses(environment)
    found = external_addresses(environment, any_database_name=True)
    assert found is not None and found.postgres_database == "production"


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ({"TEST_DATABASE_URL": ""}, "belong together"),
        ({"TEST_REDIS_URL": ""}, "belong together"),
        ({"TEST_DATABASE_URL": "mysql://boss:hush@db/test"}, "should look like postgresql://"),
        ({"TEST_DATABASE_URL": "postgresql://boss:hush@db:port/test"}, "should look like postgresql://"),
        ({"TEST_DATABASE_URL": "postgresql://boss:hush@db"}, "should end with the name of a database"),
        ({"TEST_DATABASE_URL": "postgresql://boss:hush@db/test?sslmode=require"}, "should have no options"),
        ({"TEST_REDIS_URL": "rediss://:hush@cache"}, "should look like redis://"),
        ({"TEST_REDIS_URL": "redis://:hush@cache/zero"}, "should end with the number"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_its_password(
    change: dict[str, str], claim: str
) -> None:
    with pytest.raises(ServiceError, match=claim) as refused:
        external_addresses({**_GOOD, **change})
    assert "hush" not in str(refused.value)
