"""An excerpt shows where a secret was, never the secret."""

from __future__ import annotations

import base64
import gzip

from isolation.judge.scan import Scanner, StreamScanner
from isolation.record.secrets.markers import PREFIX, SecretKind, TenantSecrets


def test_an_excerpt_shows_the_surroundings(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    marker = plan[0].markers[SecretKind.NOTE]
    (hit,) = scanner.scan(f'{{"company": "{marker}", "x": 1}}'.encode())
    assert hit.excerpt == '{"company": "8888…", "x": 1}'


def test_no_excerpt_holds_a_secret_or_a_usable_part_of_one(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    secrets = [*plan[0].markers.values(), *plan[1].markers.values()]
    numbers = [str(number.value) for number in (*plan[0].numbers, *plan[1].numbers)]
    encoded = [base64.b64encode(secret.encode()).decode() for secret in secrets]
    text = " ".join(secrets + numbers + encoded).encode() + gzip.compress(" ".join(secrets).encode())
    hits = scanner.scan(text + " ".join(secrets)[::-1].encode())
    assert len(hits) > 60
    for hit in hits:
        for secret in secrets:
            assert secret[len(PREFIX) : len(PREFIX) + 12] not in hit.excerpt
            assert secret[-10:] not in hit.excerpt
        assert all(number not in hit.excerpt for number in numbers)
        assert all(form[12:24] not in hit.excerpt for form in encoded)


def test_excerpts_at_seams_are_masked_too(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    marker = plan[0].markers[SecretKind.NOTE].encode()
    stream = StreamScanner(scanner)
    stream.feed(b"first " + marker[:20])
    (hit,) = stream.feed(marker[20:] + b" last")
    assert hit.excerpt == "first 8888… last"


def test_control_characters_do_not_reach_a_report(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    (hit,) = scanner.scan(b"\x1b[31m\x00\r\n" + plan[0].markers[SecretKind.NOTE].encode())
    assert hit.excerpt.isprintable()
