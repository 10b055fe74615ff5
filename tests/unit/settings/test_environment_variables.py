"""Settings by environment variable (OP-9): each is read, checked and shown, and no password is."""

from __future__ import annotations

import pytest

from isolation.settings.environment_variables import EnvironmentSettings
from isolation.settings.errors import SettingsError

GOOD = {
    "TEST_DATABASE_URL": ("database_url", "postgresql://u:p@db.test:5432/test", "postgresql://u:p@db.test:5432/test"),
    "TEST_REDIS_URL": ("redis_url", "redis://:p@cache.test:6379/1", "redis://:p@cache.test:6379/1"),
    "TEST_CLICKHOUSE_URL": ("clickhouse_url", "https://u:p@ch.test:8443", "https://u:p@ch.test:8443"),
    "CONCURRENT_TEST_USERS": ("users", "150", 150),
    "CONCURRENT_TEST_TIMEOUT": ("timeout_seconds", "90.5", 90.5),
    "AGENT_STARTUP_TIMEOUT": ("startup_timeout_seconds", "30", 30),
    "ISOLATION_VALIDATION_STRICT": ("strict", "true", True),
    "MAX_AGENT_STARTUP_TIME": ("max_startup_milliseconds", "5000", 5000),
    "MAX_TOTAL_TEST_TIME": ("max_total_milliseconds", "180000", 180000),
    "MIN_SUCCESS_RATE": ("min_success_percent", "95", 95),
}
"""Name of the variable, the setting, what it holds, what is read."""


def complaint(name: str, value: str) -> str:
    with pytest.raises(SettingsError) as caught:
        EnvironmentSettings.read({name: value})
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert name in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", GOOD)
def test_every_variable_of_the_contract_is_read(name: str) -> None:
    setting, text, value = GOOD[name]
    settings = EnvironmentSettings.read({name: text})
    assert getattr(settings, setting) == value
    others = {other for other, _, _ in GOOD.values()} - {setting}
    assert all(getattr(settings, other) is None for other in others)


@pytest.mark.parametrize("name", GOOD)
def test_a_variable_that_is_not_set_or_empty_changes_nothing(name: str) -> None:
    assert EnvironmentSettings.read({name: ""}) == EnvironmentSettings.read({}) == EnvironmentSettings()


def test_other_variables_are_left_alone() -> None:
    assert EnvironmentSettings.read({"PATH": "/bin", "USERS": "3"}) == EnvironmentSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONCURRENT_TEST_USERS", "0"),
        ("CONCURRENT_TEST_USERS", "-5"),
        ("CONCURRENT_TEST_USERS", "100000"),
        ("CONCURRENT_TEST_USERS", "many"),
        ("CONCURRENT_TEST_USERS", "2.5"),
        ("CONCURRENT_TEST_TIMEOUT", "0"),
        ("CONCURRENT_TEST_TIMEOUT", "nan"),
        ("CONCURRENT_TEST_TIMEOUT", "inf"),
        ("CONCURRENT_TEST_TIMEOUT", "30 s"),
        ("AGENT_STARTUP_TIMEOUT", "-1"),
        ("AGENT_STARTUP_TIMEOUT", "7200"),
        ("ISOLATION_VALIDATION_STRICT", "perhaps"),
        ("MAX_AGENT_STARTUP_TIME", "fast"),
        ("MAX_TOTAL_TEST_TIME", "0"),
        ("MIN_SUCCESS_RATE", "101"),
        ("MIN_SUCCESS_RATE", "0"),
        ("MIN_SUCCESS_RATE", "95 %"),
    ],
)
def test_an_impossible_value_is_refused_by_name_and_shown(name: str, value: str) -> None:
    assert f"cannot be '{value}'" in complaint(name, value)


@pytest.mark.parametrize("text", ["true", "True", "1", "yes", "on"])
def test_strict_may_be_said_in_several_ways(text: str) -> None:
    assert EnvironmentSettings.read({"ISOLATION_VALIDATION_STRICT": text}).strict is True


ADDRESSES = ["TEST_DATABASE_URL", "TEST_REDIS_URL", "TEST_CLICKHOUSE_URL"]


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "address",
    [
        "hunter2",
        "mysql://u:hunter2@host/db",
        "{scheme}://u:hunter2@host:port/db",
        "{scheme}://u:hunter2@host:99999/db",
        "{scheme}://u:hun/hunter2@host/db",
        "{scheme}://u:1#hunter2@host/db",
        "{scheme}://u:1?hunter2@host/db",
        "{scheme}://u:hunter2@[::1/db",
        "{scheme}://u:hunter2\u2100@host/db",
        "{scheme}://u:hunter2@/db",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_being_shown(name: str, address: str) -> None:
    scheme = GOOD[name][1].partition(":")[0] if isinstance(GOOD[name][1], str) else ""
    assert "hunter2" not in complaint(name, address.replace("{scheme}", scheme))


@pytest.mark.parametrize("name", GOOD)
def test_every_variable_is_shown_in_the_report(name: str) -> None:
    shown = EnvironmentSettings.read({name: GOOD[name][1]}).shown()
    assert set(shown) == set(GOOD)
    assert shown[name] != "not set"
    assert {value for other, value in shown.items() if other != name} == {"not set"}


def test_addresses_are_shown_without_user_and_password() -> None:
    variables = {name: GOOD[name][1].replace(":p@", ":hunter2%40x@").replace("//u", "//annabel") for name in ADDRESSES}
    settings = EnvironmentSettings.read(variables)
    shown = settings.shown()
    assert shown["TEST_DATABASE_URL"] == "postgresql://db.test:5432/test"
    assert shown["TEST_REDIS_URL"] == "redis://cache.test:6379/1"
    assert shown["TEST_CLICKHOUSE_URL"] == "https://ch.test:8443"
    for words in (str(shown), repr(settings), str(settings)):
        assert "hunter2" not in words
        assert "annabel" not in words


def test_a_password_in_the_query_of_an_address_is_not_shown() -> None:
    shown = EnvironmentSettings.read({"TEST_DATABASE_URL": "postgresql://db.test/test?password=hunter2"}).shown()
    assert "hunter2" not in str(shown)


def test_a_redis_socket_needs_no_host() -> None:
    settings = EnvironmentSettings.read({"TEST_REDIS_URL": "unix:///run/redis.sock"})
    assert settings.shown()["TEST_REDIS_URL"] == "unix:///run/redis.sock"
