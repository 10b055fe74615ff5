"""Ids that look alike, and finding them in texts where one begins with another."""

from __future__ import annotations

import pytest

from isolation.drive.platform.known_ids import KnownIds
from isolation.drive.platform.names import LookAlikeIds
from isolation.target.model.session import Names

RUN = "it11290123abcdef"
EVERYTHING = Names(signs="_.:é", case="matters", longest=64)


def made(rules: Names, count: int = 40) -> list[tuple[str, str]]:
    ids = LookAlikeIds(RUN, rules)
    return [ids.tenant() for _ in range(count)]


@pytest.mark.parametrize("rules", [Names(), EVERYTHING, Names(longest=40), Names(signs=".")])
def test_no_id_is_given_twice_and_each_holds_the_run(rules: Names) -> None:
    ids = LookAlikeIds(RUN, rules)
    pairs = [ids.tenant() for _ in range(40)]
    colleagues = [ids.colleague(user) for _, user in pairs for _ in range(6)]
    everything = [id for pair in pairs for id in pair] + colleagues
    assert len(set(everything)) == len(everything)
    assert all(RUN in id for id in everything)


def test_what_a_platform_does_not_take_is_left_out() -> None:
    for id in [id for pair in made(Names()) for id in pair]:
        assert set(id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert max(len(id) for pair in made(EVERYTHING) for id in pair) == 64


@pytest.mark.parametrize("rules", [Names(), EVERYTHING])
def test_the_first_tenants_begin_with_each_other_and_are_the_same_when_joined(rules: Names) -> None:
    (first, its_user), *others = made(rules, 12)
    assert others[0][0].startswith(first)
    for joint in ["", "-", *rules.signs.replace("é", "")]:
        assert any(first + joint + its_user == tenant + joint + user for tenant, user in others), joint


def test_case_folding_and_the_last_character_make_them_equal() -> None:
    tenants = [tenant for tenant, _ in made(EVERYTHING)]
    assert len({tenant.lower() for tenant in tenants}) < len(tenants)
    assert len({tenant[:63] for tenant in tenants}) < len(tenants)
    assert any("e\u0301" in tenant for tenant in tenants)


def test_colleagues_look_like_their_neighbour() -> None:
    ids = LookAlikeIds(RUN, EVERYTHING)
    user = ids.tenant()[1]
    colleagues = [ids.colleague(user) for _ in range(3)]
    assert colleagues[0].lower() == user.lower()
    assert colleagues[1].startswith(user)
    assert colleagues[2].startswith(user) and len(colleagues[2]) == 64


def test_the_longest_known_id_counts() -> None:
    first, second = f"{RUN}-t001", f"{RUN}-t001-x"
    ids = KnownIds([first, second], RUN)
    assert ids.named(f"t:{second}:cache t:{first}:cache") == [second, first]
    assert ids.named(f"{RUN}-t002x") == [f"{RUN}-t002x"]
    assert ids.named(f"{first}xyz") == [f"{first}xyz"]
    assert KnownIds([first]).named(f"{first}xyz") == []


def test_ids_are_replaced_at_once() -> None:
    first, second = f"{RUN}-t001", f"{RUN}-t001x"
    assert (
        KnownIds([first, second]).replaced(f"{first} {second}", {first: second, second: first}) == f"{second} {first}"
    )
