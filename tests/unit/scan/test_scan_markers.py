"""Markers say whose they are, and only the run that planted them can prove it."""

from __future__ import annotations

import pytest

from isolation.record.secrets.markers import (
    MARKER_LENGTH,
    NUMBER_SLOTS,
    PREFIX,
    SUFFIX,
    TEXT_KINDS,
    MarkerIdentity,
    MarkerMint,
    Recognition,
    SecretKind,
    TenantSecrets,
)

KEY = b"0123456789abcdef"


def body(marker: str) -> str:
    return marker[len(PREFIX) : -len(SUFFIX)]


@pytest.mark.parametrize(("tenant", "user", "sequence"), [(0, 0, 0), (7, 3, 12), (1_048_575, 32_767, 32_767)])
def test_a_marker_names_its_owner(mint: MarkerMint, tenant: int, user: int, sequence: int) -> None:
    marker = mint.mint(tenant, user, SecretKind.CONTRACT, sequence)
    reading = mint.read(body(marker))
    assert len(marker) == MARKER_LENGTH
    assert reading is not None
    assert reading.recognition is Recognition.OWN_RUN
    assert reading.identity == MarkerIdentity(mint.run, tenant, user, SecretKind.CONTRACT, sequence)


def test_a_marker_has_only_letters_and_digits_and_means_the_same_in_upper_case(mint: MarkerMint) -> None:
    marker = mint.mint(5, 1)
    assert marker.isalnum() and marker.isascii()
    assert mint.read(body(marker.upper())) == mint.read(body(marker))


@pytest.mark.parametrize("wrong", [(-1, 0, 0), (1_048_576, 0, 0), (0, 32_768, 0), (0, 0, 32_768)])
def test_an_index_that_does_not_fit_is_refused(mint: MarkerMint, wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="must be 0 to"):
        mint.mint(wrong[0], wrong[1], SecretKind.NOTE, wrong[2])


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        MarkerMint("run", b"short")


def test_the_key_does_not_show() -> None:
    assert "0123456789abcdef" not in repr(MarkerMint("run", KEY))


def test_a_marker_of_another_run_is_residue_not_an_own_marker(mint: MarkerMint) -> None:
    older = MarkerMint("run-zero", KEY)
    reading = mint.read(body(older.mint(4, 2)))
    assert reading is not None and reading.identity is not None
    assert reading.recognition is Recognition.OTHER_RUN
    assert (reading.identity.run, reading.identity.tenant, reading.identity.user) == (older.run, 4, 2)


def test_a_marker_made_with_a_wrong_key_is_not_attributed(mint: MarkerMint) -> None:
    forged = MarkerMint(mint.run_id, KEY).mint(4, 2)
    reading = mint.read(body(forged))
    assert reading is not None and reading.recognition is Recognition.DAMAGED


def test_no_single_changed_character_goes_unnoticed(mint: MarkerMint) -> None:
    good = body(mint.mint(9, 1, SecretKind.COMPANY))
    for place, character in enumerate(good):
        other = "a" if character != "a" else "b"
        reading = mint.read(good[:place] + other + good[place + 1 :])
        assert reading is not None
        assert reading.recognition is Recognition.DAMAGED, f"place {place}"


def test_a_beginning_names_its_owner_from_sixteen_characters_on(mint: MarkerMint) -> None:
    good = body(mint.mint(9, 1))
    for length in range(len(good)):
        reading = mint.read(good[:length])
        if length < 7:
            assert reading is None
            continue
        assert reading is not None and reading.recognition is Recognition.DAMAGED
        assert reading.identity is not None and (reading.identity.tenant, reading.identity.user) == (9, 1)
        assert (reading.identity.kind is not None) == (length >= 19)


def test_an_end_names_the_marker_from_twelve_characters_on(mint: MarkerMint) -> None:
    marker = mint.mint(9, 1, SecretKind.COMPANY, 3)
    for length in range(1, len(body(marker)) + 1):
        reading = mint.read_end(body(marker)[-length:])
        if length < 8:
            assert reading is None
            continue
        assert reading is not None and reading.identity is not None
        assert reading.identity == MarkerIdentity(mint.run, 9, 1, SecretKind.COMPANY, 3)


def test_parts_of_what_nobody_minted_name_nobody(mint: MarkerMint) -> None:
    other = MarkerMint("run-zero", KEY)
    for tenant in range(500):
        text = body(other.mint(tenant, 0))
        assert mint.read(text[:7]) is None
        assert mint.read_end(text[-12:]) is None


def test_every_user_gets_ten_markers_and_two_numbers_and_no_secret_occurs_twice(plan: list[TenantSecrets]) -> None:
    markers = [marker for secrets in plan for marker in secrets.markers.values()]
    numbers = [number.value for secrets in plan for number in secrets.numbers]
    assert all(tuple(secrets.markers) == TEXT_KINDS for secrets in plan)
    assert len(set(markers)) == len(plan) * 10
    assert len(set(numbers)) == len(plan) * 2
    assert all(len(str(value)) == 12 and float(value) == value for value in numbers)


def test_all_number_slots_are_different(mint: MarkerMint) -> None:
    sample = range(0, NUMBER_SLOTS, 97)
    assert len({mint.number(ordinal) for ordinal in sample}) == len(sample)
    with pytest.raises(ValueError, match="ordinal"):
        mint.number(NUMBER_SLOTS)


def test_a_user_that_occurs_twice_is_refused(mint: MarkerMint) -> None:
    with pytest.raises(ValueError, match="only once"):
        mint.secrets([(1, 1), (1, 1)])
