"""Planted numbers are found in the ways people and programs write them, and other numbers are left alone."""

from __future__ import annotations

import base64
import random
import struct
from collections.abc import Callable

import pytest

from isolation.judge.scan import Scanner
from isolation.record.secrets.markers import MarkerMint, SecretKind, TenantSecrets


def grouped(separator: str) -> Callable[[int], bytes]:
    return lambda value: f"{value:,}".replace(",", separator).encode()


def exponent(value: int) -> bytes:
    return f"{value:.11e}".encode()


WRITTEN: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "plain": ("plain", lambda value: b"%d" % value),
    "in JSON": ("plain", lambda value: b'{"budget":%d}' % value),
    "with decimals": ("plain", lambda value: b"$%d.00" % value),
    "as cents": ("plain", lambda value: b"%d00" % value),
    "with commas": ("separators", grouped(",")),
    "with points": ("separators", grouped(".")),
    "with spaces": ("separators", grouped(" ")),
    "with apostrophes": ("separators", grouped("'")),
    "with underscores": ("separators", grouped("_")),
    "with no-break spaces": ("separators", grouped("\u00a0")),
    "with thin no-break spaces": ("separators", grouped("\u202f")),
    "with escaped spaces": ("separators", grouped("\\u202f")),
    "with an exponent": ("exponent", exponent),
    "reversed": ("reversed", lambda value: str(value)[::-1].encode()),
    "reversed with commas": ("reversed", lambda value: f"{value:,}"[::-1].encode()),
    "in base64": ("base64", lambda value: base64.b64encode(b"budget=%d;" % value)),
    "in hex": ("hex", lambda value: str(value).encode().hex().encode()),
    "in UTF-16 with commas": ("utf-16 > separators", lambda value: f"{value:,}".encode("utf-16-le")),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_a_planted_number_is_found_with_its_owner(scanner: Scanner, plan: list[TenantSecrets], way: str) -> None:
    encoding, write = WRITTEN[way]
    for secrets in plan[::29]:
        for number in secrets.numbers:
            hits = scanner.scan(b"It is " + write(number.value) + b" this year")
            assert [hit.identity for hit in hits] == [number.identity]
            assert hits[0].encoding == encoding


def test_the_kind_of_a_number_is_told(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    kinds = [scanner.scan(b"%d" % number.value)[0].identity for number in plan[0].numbers]
    assert [identity.kind for identity in kinds if identity] == [SecretKind.BUDGET, SecretKind.REVENUE]


def test_a_rounded_number_belongs_to_nobody(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    value = plan[0].numbers[0].value
    assert scanner.scan(f"{value:.5e} or {value / 1e9:.1f} billion".encode()) == []


def test_numbers_that_nobody_planted_are_not_reported(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    planted = {number.value for secrets in plan for number in secrets.numbers}
    rng = random.Random(7)
    others = [888_888_000_000 + rng.randrange(10**6) for _ in range(20_000)]
    text = " ".join(str(value) for value in others if value not in planted)
    assert scanner.scan(text.encode()) == []


def test_mixed_separators_are_a_list_not_a_number(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    digits = str(plan[0].numbers[0].value)
    assert scanner.scan(f"{digits[:3]},{digits[3:6]}.{digits[6:9]} {digits[9:]}".encode()) == []


@pytest.mark.parametrize(
    ("form", "pack"),
    [
        ("int64", lambda value: struct.pack("<q", value)),
        ("float64", lambda value: struct.pack("<d", value)),
        ("python int", lambda value: struct.pack("<II", value & (2**30 - 1), value >> 30)),
    ],
)
def test_binary_forms_are_found_when_asked_for(
    mint: MarkerMint, plan: list[TenantSecrets], scanner: Scanner, form: str, pack: Callable[[int], bytes]
) -> None:
    number = plan[11].numbers[1]
    memory = bytes(64) + pack(number.value) + random.Random(3).randbytes(2**20)
    hits = Scanner(mint, [n for secrets in plan for n in secrets.numbers], binary_numbers=True).scan(memory)
    assert [(hit.identity, hit.encoding, hit.offset) for hit in hits] == [(number.identity, form, 64)]
    assert scanner.scan(memory) == []
