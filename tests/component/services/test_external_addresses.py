"""Stores named by the environment are taken, or refused in one sentence that repeats no password."""

from __future__ import annotations

import pytest

from reference_platform.services import ServiceAddresses, ServiceError, external_addresses
from reference_platform.services.connecting import forget_libpq_variables, postgres_login, redis_options
from reference_platform.services.external import is_named_for_tests

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


@pytest.mark.parametrize(
    "name", ["test", "shop_test", "test-shop", "Shop-TEST", "a.test.b", "shop_test2", "tests_of_shop"]
)
def test_a_part_of_the_name_tells_that_a_database_is_for_tests(name: str) -> None:
    assert is_named_for_tests(name)


@pytest.mark.parametrize(
    "name",
    ["contest_prod", "latest_customers", "production", "attestations", "protest", "testament", "shoptest", "best"],
)
def test_a_piece_of_a_word_does_not(name: str) -> None:
    assert not is_named_for_tests(name)
    found = external_addresses({**_GOOD, "TEST_DATABASE_URL": f"postgresql://boss:hush@db/{name}"})
    assert found is not None and found.needs_mark


@pytest.mark.parametrize(
    ("address", "host", "port", "dsn"),
    [
        (
            "postgresql://boss:hush@db/shop_test?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            *("db", 5432, "postgresql://db:5432/shop_test?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"),
        ),
        (
            "postgresql://boss:hush@/shop_test?host=/var/run/postgresql",
            *("/var/run/postgresql", 5432, "postgresql:///shop_test?host=%2Fvar%2Frun%2Fpostgresql&port=5432"),
        ),
        (
            "postgresql:///shop_test?host=/tmp/sockets&port=6000&user=boss",
            *("/tmp/sockets", 6000, "postgresql:///shop_test?host=%2Ftmp%2Fsockets&port=6000"),
        ),
        ("postgresql://boss:hush@[::1]:7000/shop_test", "::1", 7000, "postgresql://[::1]:7000/shop_test"),
    ],
)
def test_encryption_and_sockets_of_postgresql_are_read(address: str, host: str, port: int, dsn: str) -> None:
    found = external_addresses({**_GOOD, "TEST_DATABASE_URL": address})
    assert found is not None
    assert (found.postgres_host, found.postgres_port, found.postgres_dsn) == (host, port, dsn)
    assert (found.postgres_admin_user, found.postgres_database) == ("boss", "shop_test")
    assert external_addresses({"TEST_DATABASE_URL": found.postgres_url, "TEST_REDIS_URL": found.redis_url}) == found


@pytest.mark.parametrize(
    ("address", "options"),
    [
        (
            "rediss://:hush@cache:6390/2?ssl_ca_certs=/etc/ca.pem",
            {"host": "cache", "port": 6390, "ssl_ca_certs": "/etc/ca.pem"},
        ),
        ("rediss://:hush@cache?ssl_check_hostname=false", {"host": "cache", "port": 6379, "ssl_check_hostname": False}),
        ("unix://:hush@/run/redis.sock?db=4", {"path": "/run/redis.sock"}),
    ],
)
def test_encryption_and_sockets_of_redis_are_read(address: str, options: dict[str, object]) -> None:
    found = external_addresses({**_GOOD, "TEST_REDIS_URL": address})
    assert found is not None
    assert redis_options(found) == options
    assert found.redis_admin_password == "hush"
    assert external_addresses({"TEST_DATABASE_URL": found.postgres_url, "TEST_REDIS_URL": found.redis_url}) == found
    assert ServiceAddresses.from_secret_json(found.to_secret_json()) == found


def test_variables_of_libpq_say_nothing() -> None:
    environment = {"PGSSLMODE": "require", "PGHOST": "elsewhere", "PGSERVICE": "x", "PATH": "/bin", "pgx": "y"}
    forget_libpq_variables(environment)
    assert environment == {"PATH": "/bin", "pgx": "y"}
    found = external_addresses(_GOOD)
    assert found is not None
    login = postgres_login(found, "ann", "hers")
    assert (login["target_session_attrs"], login["passfile"]) == ("any", "/dev/null")


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ({"TEST_DATABASE_URL": ""}, "belong together"),
        ({"TEST_REDIS_URL": ""}, "belong together"),
        ({"TEST_DATABASE_URL": "mysql://boss:hush@db/test"}, "should look like postgresql://"),
        ({"TEST_DATABASE_URL": "postgresql://boss:hush@db:port/test"}, "should look like postgresql://"),
        ({"TEST_DATABASE_URL": "postgresql://boss:hush@db"}, "should end with the name of a database"),
        ({"TEST_DATABASE_URL": "postgresql://boss:hush@db/test?sslmode=always"}, "'sslmode' should be one of"),
        ({"TEST_DATABASE_URL": "postgresql://boss:hush@db/test?sslmod=require"}, "'sslmod' that is not known"),
        ({"TEST_DATABASE_URL": "postgresql:///test"}, "should look like postgresql://"),
        ({"TEST_REDIS_URL": "redis://:hush@cache?ssl_ca_certs=/etc/ca.pem"}, "'ssl_ca_certs' that is not known"),
        ({"TEST_REDIS_URL": "unix://:hush@"}, "should look like redis://"),
        ({"TEST_REDIS_URL": "redis://:hush@cache/zero"}, "should end with the number"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_its_password(
    change: dict[str, str], claim: str
) -> None:
    with pytest.raises(ServiceError, match=claim) as refused:
        external_addresses({**_GOOD, **change})
    assert "hush" not in str(refused.value)
