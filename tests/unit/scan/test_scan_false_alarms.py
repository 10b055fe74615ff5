"""Harmless data gives no hit; damaged markers and residue are named as what they are."""

from __future__ import annotations

import base64
import json
import random
import string
import uuid
import zlib

import pytest

from isolation.judge.scan import Scanner
from isolation.record.secrets.markers import BODY_LENGTH, PREFIX, MarkerMint, Recognition, SecretKind, TenantSecrets

MEGABYTE = 2**20


def texts(rng: random.Random) -> dict[str, bytes]:
    letters = string.ascii_letters + string.digits + " \n.,-_/+%&#\\"
    eights = [f"{rng.randrange(10**15)}".replace("7", "8") for _ in range(40_000)]
    events = [
        {
            "id": str(uuid.UUID(int=rng.getrandbits(128))),
            "value": rng.random(),
            "hash": rng.randbytes(32).hex(),
        }
        for _ in range(4_000)
    ]
    return {
        "random bytes": rng.randbytes(MEGABYTE),
        "random letters": "".join(rng.choices(letters, k=MEGABYTE)).encode(),
        "numbers full of eights": " ".join(eights).encode(),
        "only eights": b"8" * 200_000,
        "JSON events": json.dumps(events).encode(),
        "base64 of random bytes": base64.b64encode(rng.randbytes(MEGABYTE // 2)),
        "compressed text": zlib.compress("".join(rng.choices(letters, k=MEGABYTE // 2)).encode()),
        "zeros": bytes(MEGABYTE),
        "small integers in binary": b"".join(rng.randrange(60).to_bytes(2, "little") for _ in range(200_000)),
        "prefixes without a marker": b" ".join(PREFIX.encode() + rng.randbytes(3).hex().encode() for _ in range(9999)),
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_harmless_data_raises_no_alarm(scanner: Scanner, seed: int) -> None:
    for name, data in texts(random.Random(seed)).items():
        assert scanner.scan(data) == [], name


def test_random_bodies_behind_the_real_prefix_are_never_attributed(scanner: Scanner) -> None:
    rng = random.Random(5)
    bodies = ("".join(rng.choices("abcdefghijklmnopqrstuvwxyz234567", k=BODY_LENGTH)) for _ in range(20_000))
    hits = scanner.scan(" ".join(PREFIX + body for body in bodies).encode())
    assert all(hit.recognition is not Recognition.OWN_RUN for hit in hits)
    assert sum(hit.recognition is Recognition.OTHER_RUN for hit in hits) <= 2


def test_residue_of_another_run_is_reported_apart(scanner: Scanner) -> None:
    older = MarkerMint("run-zero", b"the key of an older run")
    for written in (older.mint(3, 1), older.mint(3, 1).upper(), base64.b64encode(older.mint(3, 1).encode()).decode()):
        (hit,) = scanner.scan(f"left behind: {written}.".encode())
        assert hit.recognition is Recognition.OTHER_RUN
        assert hit.identity is not None and (hit.identity.run, hit.identity.tenant) == (older.run, 3)


def test_numbers_of_another_run_are_not_taken_for_own_ones(mint: MarkerMint, plan: list[TenantSecrets]) -> None:
    older = MarkerMint("run-zero", b"the key of an older run")
    planted = {number.value for secrets in plan for number in secrets.numbers}
    unlike = [older.number(n) for n in range(400) if older.number(n) not in planted]
    scanner = Scanner(mint, [number for secrets in plan for number in secrets.numbers])
    assert scanner.scan(" ".join(map(str, unlike)).encode()) == []


def test_an_altered_marker_is_damaged_not_attributed(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    marker = plan[8].markers[SecretKind.PROJECT]
    altered = marker[:30] + ("a" if marker[30] != "a" else "b") + marker[31:]
    (hit,) = scanner.scan(f"see {altered} there".encode())
    assert hit.recognition is Recognition.DAMAGED


def test_a_shortened_preview_of_a_marker_is_still_a_finding(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    preview = plan[8].markers[SecretKind.PROJECT][:30]
    for text in (f"note: {preview}…", f"note: {preview[::-1]}", f"note: {preview.upper()}..."):
        (hit,) = scanner.scan(text.encode())
        assert hit.recognition is Recognition.DAMAGED
        assert hit.identity is not None and hit.identity.tenant == plan[8].tenant
