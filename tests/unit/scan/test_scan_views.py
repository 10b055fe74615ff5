"""Every way of writing a secret is found, with its owner and the name of the encoding."""

from __future__ import annotations

import base64
import gzip
import html
import json
import urllib.parse
import zlib
from collections.abc import Callable

import pytest

from isolation.judge.scan import Hit, Scanner
from isolation.record.secrets.markers import MarkerMint, Recognition, SecretKind, TenantSecrets

Write = Callable[[bytes], bytes]
OWNER = 37


def url(data: bytes) -> bytes:
    return "".join(f"%{byte:02X}" for byte in data).encode()


def escaped(data: bytes) -> bytes:
    return "".join(f"\\u{byte:04x}" for byte in data).encode()


def mime(data: bytes) -> bytes:
    return base64.encodebytes(b"y" * 40 + data + b"z" * 40)


def wide(codec: str) -> Write:
    return lambda data: data.decode().encode(codec)


VIEWS: dict[str, tuple[str, Write]] = {
    "plain": ("plain", bytes),
    "upper case": ("upper case", bytes.upper),
    "title case": ("mixed case", lambda data: data[:20].upper() + data[20:]),
    "reversed": ("reversed", lambda data: data[::-1]),
    "hex": ("hex", lambda data: data.hex().encode()),
    "upper hex": ("hex", lambda data: data.hex().upper().encode()),
    "base64, alignment 0": ("base64", base64.b64encode),
    "base64, alignment 1": ("base64", lambda data: base64.b64encode(b"?" + data + b"end")),
    "base64, alignment 2": ("base64", lambda data: base64.b64encode(b"??" + data + b"end")),
    "url-safe base64": ("base64", lambda data: base64.urlsafe_b64encode(b"\xff\xfe\xfb" + data + b"\xff\xfe\xfb")),
    "base64 in lines": ("base64", mime),
    "base64 in lines inside JSON": ("base64", lambda data: json.dumps(mime(data).decode()).encode()),
    "reversed in base64": ("base64 > reversed", lambda data: base64.b64encode(data[::-1])),
    "url": ("url", url),
    "double url": ("url", lambda data: urllib.parse.quote(url(data)).encode()),
    "JSON escapes": ("unicode escapes", escaped),
    "JSON escapes in JSON": ("unicode escapes", lambda data: json.dumps(escaped(data).decode()).encode()),
    "character references": ("character references", lambda data: "".join(f"&#{byte};" for byte in data).encode()),
    "hex references": (
        "character references",
        lambda data: html.escape("".join(f"&#x{byte:x};" for byte in data)).encode(),
    ),
    "utf-16-le": ("utf-16", wide("utf-16-le")),
    "utf-16-be": ("utf-16", wide("utf-16-be")),
    "utf-32-le": ("utf-32", wide("utf-32-le")),
    "gzip": ("gzip", gzip.compress),
    "zlib": ("zlib", zlib.compress),
    "zlib, fastest": ("zlib", lambda data: zlib.compress(data, 1)),
    "zlib, best": ("zlib", lambda data: zlib.compress(data, 9)),
    "zlib without its end": ("zlib", lambda data: zlib.compress(data)[:-4]),
    "gzip in base64": ("base64 > gzip", lambda data: base64.b64encode(gzip.compress(data))),
    "zlib in url-safe base64": ("base64 > zlib", lambda data: base64.urlsafe_b64encode(zlib.compress(data))),
    "gzip in hex": ("hex > gzip", lambda data: gzip.compress(data).hex().encode()),
    "JSON in base64": ("base64", lambda data: base64.b64encode(json.dumps({"a": [data.decode()]}).encode())),
    "hex in base64": ("base64 > hex", lambda data: base64.b64encode(data.hex().encode())),
    "double base64": ("base64 > base64", lambda data: base64.b64encode(base64.b64encode(b"?" + data))),
    "base64 in gzip": ("gzip > base64", lambda data: gzip.compress(base64.b64encode(data))),
    "three layers": ("base64 > gzip > base64", lambda data: base64.b64encode(gzip.compress(base64.b64encode(data)))),
}


def only(hits: list[Hit]) -> Hit:
    assert len(hits) == 1, hits
    return hits[0]


@pytest.mark.parametrize("before", [b"", b'{"text": "', b"/files/", b"a=1&b="])
@pytest.mark.parametrize("view", VIEWS)
def test_a_marker_is_found_once_with_its_owner_and_its_encoding(
    scanner: Scanner, plan: list[TenantSecrets], view: str, before: bytes
) -> None:
    encoding, write = VIEWS[view]
    secrets = plan[OWNER]
    written = write(secrets.markers[SecretKind.API_KEY].encode())
    hit = only(scanner.scan(before + written + b'" and more'))
    assert hit.identity is not None
    assert (hit.identity.tenant, hit.identity.user) == (secrets.tenant, secrets.user)
    assert hit.identity.kind is SecretKind.API_KEY
    assert hit.recognition is Recognition.OWN_RUN
    assert hit.encoding == encoding
    assert hit.offset < len(before) + len(written) and hit.offset + hit.length > len(before)


@pytest.mark.parametrize("view", ["plain", "upper case", "reversed", "hex", "base64, alignment 0", "url", "gzip"])
def test_the_place_of_a_find_is_exact(scanner: Scanner, plan: list[TenantSecrets], view: str) -> None:
    written = VIEWS[view][1](plan[OWNER].markers[SecretKind.NOTE].encode())
    hit = only(scanner.scan(b"before " + written + b" after"))
    assert hit.offset == 7
    assert hit.length == len(written.rstrip(b"="))


def test_an_encoding_that_was_never_written_is_not_found(scanner: Scanner) -> None:
    for encoding, write in VIEWS.values():
        assert scanner.scan(write(b"an ordinary sentence of forty-odd letters")) == [], encoding


def test_all_ten_thousand_markers_in_one_text_are_found_each_once(mint: MarkerMint) -> None:
    markers = [mint.mint(tenant, user, sequence=n) for tenant in range(50) for user in range(20) for n in range(10)]
    hits = Scanner(mint).scan(" ".join(markers).encode())
    assert len(hits) == 10_000
    found = {(hit.identity.tenant, hit.identity.user, hit.identity.sequence) for hit in hits if hit.identity}
    assert len(found) == 10_000


def test_two_markers_without_a_gap_are_two_hits(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    both = plan[1].markers[SecretKind.NOTE] + plan[2].markers[SecretKind.NOTE]
    for written in (both.encode(), both.encode()[::-1], base64.b64encode(both.encode()), both.encode().hex().encode()):
        assert len(scanner.scan(written)) == 2


def test_digits_that_touch_the_prefix_do_not_hide_a_marker(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    marker = plan[3].markers[SecretKind.NOTE].encode()
    assert only(scanner.scan(b"id=1238888" + marker)).offset == 10


def test_a_later_marker_in_a_long_encoded_text_is_found(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    text = b" ".join(b"x" * 700 + plan[n].markers[SecretKind.NOTE].encode() for n in range(12))
    for written in (base64.b64encode(text), text.hex().encode(), url(text), escaped(text), wide("utf-16-le")(text)):
        hits = scanner.scan(b'{"data": "' + written + b'"}')
        assert [hit.identity.tenant for hit in hits if hit.identity] == [plan[n].tenant for n in range(12)]
        assert all(hit.recognition is Recognition.OWN_RUN for hit in hits)


def test_decoding_has_a_bound_and_says_so(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    bomb = gzip.compress(b"\0" * (80 * 2**20) + plan[0].markers[SecretKind.NOTE].encode())
    scan = scanner.examine(bomb)
    assert scan.undecoded_bytes > 0
    assert scanner.examine(b"plain").undecoded_bytes == 0
