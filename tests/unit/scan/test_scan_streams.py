"""A marker that is split over frames or chunks is found once, wherever it is split."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Callable

import pytest

import isolation.judge.scan.stream as stream_module
from isolation.judge.scan import CHUNK_TAIL, Hit, Scanner, StreamScanner
from isolation.record.secrets.markers import PREFIX, SUFFIX, Recognition, SecretKind, TenantSecrets

WAYS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "reversed": lambda data: data[::-1],
    "hex": lambda data: data.hex().encode(),
    "base64": base64.b64encode,
    "url": lambda data: "".join(f"%{byte:02x}" for byte in data).encode(),
    "unicode escapes": lambda data: "".join(f"\\u{byte:04x}" for byte in data).encode(),
    "utf-16": lambda data: data.decode().encode("utf-16-le"),
}


def run_through(stream: StreamScanner, pieces: list[bytes]) -> list[Hit]:
    return [hit for piece in pieces for hit in stream.feed(piece)] + stream.finish()


def owners(hits: list[Hit]) -> list[tuple[Recognition, int | None]]:
    return [(hit.recognition, hit.identity.tenant if hit.identity else None) for hit in hits]


@pytest.mark.parametrize("way", WAYS)
def test_a_marker_split_at_any_place_is_found_exactly_once(
    scanner: Scanner, plan: list[TenantSecrets], way: str
) -> None:
    written = b"before " + WAYS[way](plan[22].markers[SecretKind.NOTE].encode()) + b" after"
    for place in range(len(written) + 1):
        hits = run_through(StreamScanner(scanner), [written[:place], written[place:]])
        assert owners(hits) == [(Recognition.OWN_RUN, plan[22].tenant)], place


@pytest.mark.parametrize("size", [1, 3, 7, 40])
def test_a_marker_in_many_small_pieces_is_found_exactly_once(
    scanner: Scanner, plan: list[TenantSecrets], size: int
) -> None:
    for way in WAYS.values():
        written = b"before " + way(plan[22].markers[SecretKind.NOTE].encode()) + b" after"
        pieces = [written[at : at + size] for at in range(0, len(written), size)]
        hits = run_through(StreamScanner(scanner), pieces)
        assert owners(hits) == [(Recognition.OWN_RUN, plan[22].tenant)]


def test_a_number_split_at_any_place_is_found_exactly_once(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    written = f"budget {plan[5].numbers[0].value:,} per year".encode()
    for place in range(len(written) + 1):
        hits = run_through(StreamScanner(scanner), [written[:place], written[place:]])
        assert owners(hits) == [(Recognition.OWN_RUN, plan[5].tenant)], place


def test_a_text_split_over_two_messages_is_found_at_any_place(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    marker = plan[22].markers[SecretKind.NOTE]
    for place in range(1, len(marker)):
        parts = ["The key is " + marker[:place], marker[place:] + ", as you know"]
        pieces = [json.dumps({"type": "delta", "id": "r-1", "body": [{"text": part}]}).encode() for part in parts]
        hits = run_through(StreamScanner(scanner), pieces)
        assert owners(hits) == [(Recognition.OWN_RUN, plan[22].tenant)], place
        needs_both = len(PREFIX) < place < len(marker) - len(SUFFIX)  # a whole body says all by itself
        assert hits[0].encoding == ("split text > plain" if needs_both else "plain")


def test_a_marker_that_stays_cut_is_reported_at_the_end_as_damaged(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    cut = plan[22].markers[SecretKind.NOTE][:30]
    for piece in (cut.encode(), json.dumps({"text": cut}).encode()):
        stream = StreamScanner(scanner)
        assert stream.feed(piece) == []
        assert owners(stream.finish()) == [(Recognition.DAMAGED, plan[22].tenant)]
        assert stream.finish() == []


def test_offsets_count_from_the_first_byte_of_the_stream(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    marker = plan[22].markers[SecretKind.NOTE].encode()
    hits = run_through(StreamScanner(scanner), [b"x" * 1000, marker + b"x", b"x" * 50 + marker[:9], marker[9:]])
    assert [hit.offset for hit in hits] == [1000, 1098]


def test_the_same_marker_in_two_frames_is_two_hits(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    frame = b"{" + plan[22].markers[SecretKind.NOTE].encode() + b"}"
    assert len(run_through(StreamScanner(scanner), [frame, frame])) == 2


def test_a_compressed_container_over_two_chunks_is_opened(scanner: Scanner, plan: list[TenantSecrets]) -> None:
    data = b"\xff" * 5000 + gzip.compress(plan[22].markers[SecretKind.NOTE].encode()) + b"\xff" * 5000
    for place in range(5000, 5060, 7):
        stream = StreamScanner(scanner, tail=CHUNK_TAIL, texts=False)
        hits = run_through(stream, [data[:place], data[place:]])
        assert (Recognition.OWN_RUN, plan[22].tenant) in owners(hits)


def test_frames_that_are_not_json_are_scanned_as_bytes(scanner: Scanner) -> None:
    stream = StreamScanner(scanner)
    assert run_through(stream, [b"{not json", b"[" * 100_000, b'{"a": 1}', b"\xff\xfe", b""]) == []
    assert stream.undecoded_bytes == 0


def test_many_seams_scanned_together_show_what_each_shows_alone(
    scanner: Scanner, plan: list[TenantSecrets], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages with several texts, each a piece of something else: plain, encoded, cut anywhere, with odd letters beside."""
    rng = random.Random(11)
    crossed = 0
    for _ in range(60):
        messages = _messages(rng, plan)
        together = run_through(StreamScanner(scanner), messages)
        with monkeypatch.context() as alone:
            alone.setattr(stream_module, "nothing_crosses", lambda _, pieces: [False] * len(pieces))
            assert run_through(StreamScanner(scanner), messages) == together
        crossed += any(hit.encoding.startswith("split text") for hit in together)
    assert crossed > 20


def _messages(rng: random.Random, plan: list[TenantSecrets]) -> list[bytes]:
    texts = {}
    for path in ("delta", "note", "thought"):
        secret = rng.choice(plan).markers[SecretKind.NOTE].encode()
        ways: list[Callable[[bytes], bytes]] = [
            *WAYS.values(),
            lambda data: data.decode().replace("8", "\uff18").encode(),
        ]
        way = rng.choice(ways)
        beside = rng.choice(["", "before ", "für ", "\0", "56, 56, 56, ", "AAAA"])
        texts[path] = beside + way(secret).decode("utf-8", "replace") + rng.choice([" after", "", "\uff18\uff18\uff18"])
    step = rng.randint(5, 60)
    longest = max(map(len, texts.values()))
    return [
        json.dumps(
            {"id": rng.randint(1, 2), "kind": "part", **{path: text[at : at + step] for path, text in texts.items()}},
            ensure_ascii=rng.random() < 0.5,
        ).encode()
        for at in range(0, longest, step)
    ]
