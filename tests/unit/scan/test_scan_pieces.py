"""Secrets in pieces: cut at any places, among other streams, in any order and view; and public texts that are none.

The cases are drawn by rule from a seed; a failing case prints its seed.
"""

from __future__ import annotations

import base64
import json
import random
import sysconfig
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from isolation.judge.scan import Hit, Scanner, StreamScanner
from isolation.record.secrets.markers import PREFIX, MarkerMint, Recognition, SecretKind, TenantSecrets

PROSE = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "my",
    "lazy",
    "dog",
    "how",
    "we",
    "met",
    "now",
    "with",
    "8",
    "of",
    "18",
    "m",
    "88",
    "new",
    "windows",
    "at",
    "8",
    "pm",
    "row",
    "by",
    "row",
]


def cut(rng: random.Random, text: str, least: int, most: int) -> list[str]:
    """A text in pieces of random lengths."""
    pieces, at = [], 0
    while at < len(text):
        size = rng.randint(least, most)
        pieces.append(text[at : at + size])
        at += size
    return pieces


def mixed(rng: random.Random, streams: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
    """Pieces of several streams in a random order that keeps each stream's own."""
    left = [list(stream) for stream in streams]
    order = []
    while any(left):
        which = rng.choice([number for number, stream in enumerate(left) if stream])
        order.append((which, left[which].pop(0)))
    return order


WRAPPINGS: dict[str, Callable[[int, int, str], str]] = {
    "JSON delta": lambda n, who, text: json.dumps({"event": "progress", "seq": n, "id": f"r-{who}", "text": text}),
    "choices": lambda _n, _who, text: json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}),
    "running index": lambda n, _who, text: json.dumps({"event": "d", "delta": {str(n): text}}),
    "event stream": lambda _n, _who, text: f"data: {json.dumps({'t': text})}\n\n",
    "patch": lambda _n, _who, text: json.dumps([{"op": "append", "path": "/text", "value": text}]),
    "plain": lambda _n, _who, text: text,
    "row": lambda n, who, text: f"({n},run-1-t{who:04},2026-11-29,{text})",
    "log line": lambda n, who, text: f"12:00:{n:02} INFO stream {who} sends {text}\n",
}
WRITTEN: dict[str, Callable[[str], str]] = {
    "forwards": str,
    "upper case": str.upper,
    "backwards": lambda text: text[::-1],
}


def streamed(scanner: Scanner, frames: Sequence[str]) -> list[Hit]:
    stream = StreamScanner(scanner)
    return [hit for frame in frames for hit in stream.feed(frame.encode())] + stream.finish()


def proven(hits: Sequence[Hit]) -> set[int]:
    return {hit.identity.tenant for hit in hits if hit.identity and hit.recognition is Recognition.OWN_RUN}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("sizes", [(1, 1), (2, 5), (3, 12), (8, 8), (1, 24)])
def test_a_marker_in_pieces_of_any_size_is_found(
    scanner: Scanner, plan: list[TenantSecrets], wrapping: str, written: str, sizes: tuple[int, int]
) -> None:
    for seed in range(8):
        rng = random.Random(seed)
        secrets = rng.choice(plan)
        pieces = cut(rng, WRITTEN[written](secrets.markers[SecretKind.NOTE]), *sizes)
        frames = [WRAPPINGS[wrapping](n, 1, piece) for n, piece in enumerate(pieces)]
        assert secrets.tenant in proven(streamed(scanner, frames)), (seed, frames)


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_marker_among_other_streams_is_found(
    scanner: Scanner, plan: list[TenantSecrets], wrapping: str, written: str
) -> None:
    for seed in range(30):
        rng = random.Random(seed)
        owners = rng.sample(plan, 2)
        streams = [cut(rng, WRITTEN[written](one.markers[SecretKind.NOTE]), 3, 9) for one in owners]
        streams += [rng.choices(PROSE, k=12) for _ in range(rng.randint(1, 3))]
        frames = [WRAPPINGS[wrapping](n, who, text) for n, (who, text) in enumerate(mixed(rng, streams))]
        assert {one.tenant for one in owners} <= proven(streamed(scanner, frames)), (seed, frames)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_pieces_that_come_last_one_first_are_found(scanner: Scanner, plan: list[TenantSecrets], wrapping: str) -> None:
    for seed in range(20):
        rng = random.Random(seed)
        secrets = rng.choice(plan)
        pieces = cut(rng, secrets.markers[SecretKind.NOTE], 4, 12)[::-1]
        frames = [WRAPPINGS[wrapping](n, 1, piece) for n, piece in enumerate(pieces)]
        assert secrets.tenant in proven(streamed(scanner, frames)), (seed, frames)


ENCODED: dict[str, Callable[[bytes], str]] = {
    "base64": lambda data: base64.b64encode(data).decode(),
    "hex": lambda data: data.hex(),
    "url": lambda data: "".join(f"%{byte:02x}" for byte in data),
}


@pytest.mark.parametrize("view", ENCODED)
def test_encoded_streams_that_take_turns_are_kept_apart_by_what_stands_beside_them(
    scanner: Scanner, plan: list[TenantSecrets], view: str
) -> None:
    for seed in range(20):
        rng = random.Random(seed)
        owners = rng.sample(plan, 2)
        streams = [cut(rng, ENCODED[view](one.markers[SecretKind.NOTE].encode()), 2, 9) for one in owners]
        frames = [WRAPPINGS["JSON delta"](n, who, text) for n, (who, text) in enumerate(mixed(rng, streams))]
        assert {one.tenant for one in owners} <= proven(streamed(scanner, frames)), (seed, frames)


PARTS: dict[str, Callable[[str], str]] = {
    "the first 16 characters": lambda marker: marker[:16] + "…",
    "the last 12 characters": lambda marker: "********" + marker[-12:],
    "without the first four": lambda marker: marker[4:],
    "without the prefix": lambda marker: marker[len(PREFIX) :],
    "without the first 16": lambda marker: marker[16:],
    "backwards, the last 12": lambda marker: marker[::-1][:12] + "...",
    "backwards, the first 16": lambda marker: marker[::-1][-16:],
    "upper case, the last 20": lambda marker: marker[-20:].upper(),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_marker_names_its_owner(scanner: Scanner, plan: list[TenantSecrets], part: str) -> None:
    for secrets in plan[::17]:
        text = PARTS[part](secrets.markers[SecretKind.COMPANY])
        for frame in (text, f"retry, key {text} was refused", json.dumps({"key": text})):
            (hit,) = scanner.scan(frame.encode())
            assert hit.identity is not None and (hit.identity.tenant, hit.identity.user) == (
                secrets.tenant,
                secrets.user,
            )
            assert text.strip("*….") not in hit.excerpt


GROUPED: dict[str, Callable[[str], bytes]] = {
    "hyphens": lambda marker: "-".join(marker[at : at + 4] for at in range(0, len(marker), 4)).encode(),
    "blanks": lambda marker: " ".join(marker[at : at + 8] for at in range(0, len(marker), 8)).encode(),
    "single characters": lambda marker: json.dumps(list(marker)).encode(),
    "full-width": lambda marker: "".join(chr(ord(c) + 0xFEE0) for c in marker).encode(),
    "full-width, escaped": lambda marker: json.dumps("".join(chr(ord(c) + 0xFEE0) for c in marker)).encode(),
    "numbers": lambda marker: json.dumps(list(marker.encode())).encode(),
    "numbers in lines": lambda marker: json.dumps(list(marker.encode()), indent=2).encode(),
    "fractions": lambda marker: json.dumps([byte / 255 for byte in marker.encode()]).encode(),
    "quoted printable": lambda marker: "".join(f"={ord(c):02X}" for c in marker).encode(),
    "hex dump": lambda marker: marker.encode().hex(" ").encode(),
    "hex with colons": lambda marker: marker.encode().hex(":").encode(),
    "C escapes": lambda marker: "".join(f"\\x{ord(c):02x}" for c in marker).encode(),
    "hex list": lambda marker: ", ".join(f"0x{ord(c):02x}" for c in marker).encode(),
    "varints": lambda marker: bytes(b for byte in marker.encode() for b in (8, byte)),
    "raw deflate": lambda marker: zlib.compress(marker.encode())[2:-4],
    "base32": lambda marker: base64.b32encode(b"key " + marker.encode()),
    "base85": lambda marker: base64.b85encode(b"key " + marker.encode() + b" end"),
    "ascii85": lambda marker: base64.a85encode(b"a key " + marker.encode()),
}


@pytest.mark.parametrize("way", GROUPED)
def test_a_marker_with_something_between_or_instead_of_its_characters_is_found(
    scanner: Scanner, plan: list[TenantSecrets], way: str
) -> None:
    for secrets in plan[::23]:
        written = GROUPED[way](secrets.markers[SecretKind.NOTE])
        assert proven(scanner.scan(written)) == {secrets.tenant}
        assert scanner.scan(GROUPED[way]("an ordinary sentence of some forty letters, and no more")) == []


def public_texts(most_bytes: int) -> list[bytes]:
    """Sources and data of the standard library: identifiers, numbers, tables, licences in many languages."""
    found, size = [], 0
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).rglob("*.*")):
        if path.suffix in (".py", ".txt", ".json", ".pem", ".csv", ".html") and "site-packages" not in path.parts:
            found.append(path.read_bytes())
            size += len(found[-1])
            if size > most_bytes:
                break
    return found


def test_public_texts_raise_no_alarm(mint: MarkerMint, plan: list[TenantSecrets]) -> None:
    for tenant in range(100):
        for sequence in range(20):
            mint.mint(tenant, 0, SecretKind.NOTE, 100 + sequence)
    scanner = Scanner(mint, [number for secrets in plan for number in secrets.numbers])
    texts = public_texts(12_000_000)
    alarms = [hit for text in texts for hit in scanner.scan(text)]
    stream = StreamScanner(scanner)
    alarms += [hit for text in texts[::9] for line in text.splitlines() for hit in stream.feed(line)] + stream.finish()
    assert alarms == []


def test_random_words_of_the_same_alphabet_raise_no_alarm(scanner: Scanner) -> None:
    rng = random.Random(11)
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    words = ["".join(rng.choices(alphabet, k=rng.choice((1, 1, 2, 3, 4, 8)))) for _ in range(60_000)]
    for place in range(0, len(words), 40):
        words[place] = rng.choice(("88888888m", "8888", "8", "888", "w888", "8m", "8w"))
    text = " ".join(words).encode()
    stream = StreamScanner(scanner)
    alarms = scanner.scan(text) + [hit for line in text.split(b" 8") for hit in stream.feed(line)] + stream.finish()
    assert alarms == []
