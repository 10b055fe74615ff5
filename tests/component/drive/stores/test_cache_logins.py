"""Tenants' logins in a real cache: what a sound one refuses, and each way in which an unsound one reaches too far."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from isolation.drive.stores.cache_logins import CacheLogin, look_as_cache_logins
from isolation.judge.data.cache_logins import judge_cache_logins
from isolation.record import Verdict
from isolation.record.access.database_looks import CacheLook
from reference_platform.services import EmbeddedServices

RUN = "itcache"
OWNERS = {f"{RUN}-t{n}": f"acme-{n}" for n in (1, 2)}
LOGINS = [CacheLogin(f"acme-{n}", f"{RUN}-t{n}", f"user-{n}", f"secret{n}") for n in (1, 2)]
SOUND = "-@all +@read +@write +@connection -@dangerous -@admin -scan -randomkey -dbsize -keys -client".split()  # noqa: SIM905


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Address of a real server with its operator's login."""
    with EmbeddedServices() as services:
        at = services.addresses
        yield f"redis://{at.redis_admin_user}:{at.redis_admin_password}@{at.redis_host}:{at.redis_port}/0"


@pytest.fixture
def operator(address: str) -> Iterator[redis.Redis]:
    """Two tenants with one key each, and logins that reach their own only."""
    with redis.Redis.from_url(address) as client:
        for number in (1, 2):
            client.set(f"{RUN}-t{number}:note", f"of {number}")
            rights(client, number, f"~{RUN}-t{number}:*", *SOUND)
        yield client
        client.flushall()
        for number in (1, 2):
            client.acl_deluser(f"user-{number}")


def rights(client: redis.Redis, number: int, *words: str) -> None:
    client.execute_command(  # type: ignore[no-untyped-call]
        "ACL", "SETUSER", f"user-{number}", "reset", "on", f">secret{number}", "resetchannels", *words
    )


def look(address: str) -> tuple[CacheLook, ...]:
    return look_as_cache_logins(address, RUN, OWNERS, LOGINS)


def reached(address: str) -> set[str]:
    return {attempt.place for one in look(address) for attempt in one.attempts if attempt.had_effect}


def test_sound_logins_reach_their_own_only_and_nothing_is_changed(address: str, operator: redis.Redis) -> None:
    before = {key: operator.get(key) for key in operator.scan_iter()}
    found = look(address)
    assert judge_cache_logins("CS-5", found).verdict is Verdict.PASS
    assert all(len(one.attempts) > 15 for one in found)
    assert {key: operator.get(key) for key in operator.scan_iter()} == before


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ("~*", "reading a key"),
        ("~*", "DEL on a key"),
        ("+keys", "KEYS"),
        ("+scan", "SCAN"),
        ("+dbsize", "DBSIZE"),
        ("+monitor", "MONITOR"),
        ("+flushall", "FLUSHALL"),
        ("+config|get", "CONFIG GET"),
        ("+client|list", "CLIENT LIST"),
    ],
)
def test_a_login_that_reaches_too_far_is_found(address: str, operator: redis.Redis, more: str, what: str) -> None:
    rights(operator, 1, f"~{RUN}-t1:*", *SOUND, more)
    assert what in reached(address)
    verdict = judge_cache_logins("CS-5", look(address))
    assert verdict.verdict is Verdict.FAIL and "acme-1" in verdict.tenants


def test_a_login_that_hears_every_channel_is_found(address: str, operator: redis.Redis) -> None:
    rights(operator, 1, f"~{RUN}-t1:*", *SOUND, "+psubscribe", "allchannels")
    assert "PSUBSCRIBE" in reached(address)


def test_who_cannot_log_in_or_sees_nothing_of_its_own_proves_nothing(address: str, operator: redis.Redis) -> None:
    rights(operator, 1, "~elsewhere:*", *SOUND)
    rights(operator, 2, "~elsewhere:*", *SOUND)
    blind = judge_cache_logins("CS-5", look(address))
    assert blind.verdict is Verdict.INCONCLUSIVE and "key of its own" in blind.reason
    operator.acl_deluser("user-1")
    refused = judge_cache_logins("CS-5", look(address))
    assert refused.verdict is Verdict.INCONCLUSIVE and "could not log in" in refused.reason
    assert "secret1" not in refused.reason
