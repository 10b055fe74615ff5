"""WebSocket frames as bytes: whatever the pieces in which they arrive, the same messages come out as of another reader."""

from __future__ import annotations

import random

import pytest
from websockets.frames import Frame, Opcode

from isolation.drive.channels.upgrade import BrokenUpgrade, UpgradeReader, door_of, new_key, upgrade_request
from isolation.drive.channels.wire import BINARY, CLOSE, PING, TEXT, BrokenFrames, FrameReader, encode_frame

Heard = list[tuple[int, bytes]]
_DATA = 0
"""Stands for a message among control frames."""


def read(data: bytes, cuts: list[int]) -> Heard:
    heard: Heard = []
    reader = FrameReader(lambda message: heard.append((_DATA, message)), lambda op, body: heard.append((op, body)))
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        reader.feed(data[start:end])
    return heard


def conversation(rng: random.Random) -> tuple[bytes, Heard]:
    """Messages of all sizes, whole and in fragments, with control frames between the fragments."""
    data, expected = b"", Heard()
    for _ in range(rng.randrange(1, 6)):
        message = rng.randbytes(rng.choice([0, 1, 125, 126, 127, 4096, 65_535, 65_536]))
        pieces = rng.choice([1, 1, 2, 3])
        ends = sorted(rng.randrange(len(message) + 1) for _ in range(pieces - 1))
        parts = [message[a:b] for a, b in zip([0, *ends], [*ends, len(message)], strict=True)]
        for number, part in enumerate(parts):
            opcode = Opcode.CONT if number else rng.choice([Opcode.TEXT, Opcode.BINARY])
            data += Frame(opcode, part, fin=number == len(parts) - 1).serialize(mask=False)
            if number < len(parts) - 1 and rng.random() < 0.5:
                body = rng.randbytes(rng.randrange(126))
                data += Frame(Opcode.PING, body).serialize(mask=False)
                expected.append((PING, body))
        expected.append((_DATA, message))
    return data, expected


@pytest.mark.parametrize("seed", range(60))
def test_the_pieces_in_which_bytes_arrive_make_no_difference(seed: int) -> None:
    rng = random.Random(seed)
    data, expected = conversation(rng)
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(12)))
    assert read(data, []) == expected
    assert read(data, cuts) == expected
    if len(data) < 3000:
        assert read(data, list(range(1, len(data)))) == expected, "one byte after the other"


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 200_000])
@pytest.mark.parametrize("opcode", [TEXT, BINARY, CLOSE])
def test_what_is_sent_is_a_masked_frame_that_another_reader_reads(length: int, opcode: int) -> None:
    payload = bytes(number % 251 for number in range(length if opcode != CLOSE else min(length, 125)))
    encoded = encode_frame(payload, opcode)
    assert encoded[1] & 0x80, "a client masks"
    source = bytearray(encoded)

    def take(size: int):  # type: ignore[no-untyped-def]
        taken = bytes(source[:size])
        del source[:size]
        return taken
        yield

    parsing = Frame.parse(take, mask=True)
    with pytest.raises(StopIteration) as done:
        next(parsing)
    assert (done.value.value.opcode, done.value.value.data, done.value.value.fin) == (opcode, payload, True)


def test_a_large_frame_in_small_pieces_is_not_copied_again_and_again() -> None:
    data = Frame(Opcode.TEXT, b"x" * (5 * 1024 * 1024)).serialize(mask=False)
    assert read(data, list(range(1000, len(data), 1000))) == [(_DATA, b"x" * (5 * 1024 * 1024))]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (Frame(Opcode.TEXT, b"x").serialize(mask=True), "masked"),
        (b"\xc1\x01x", "reserved bits"),
        (b"\x83\x01x", "unknown kind 3"),
        (b"\x09\x01x", "too long or in pieces"),
        (b"\x89\x7e\x00\x7e" + b"x" * 126, "too long or in pieces"),
        (b"\x80\x01x", "never began"),
        (b"\x01\x01x\x01\x01y", "in the middle of another"),
    ],
)
def test_what_is_no_frame_is_said(data: bytes, words: str) -> None:
    with pytest.raises(BrokenFrames, match=words):
        read(data, [])


# the upgrade


@pytest.mark.parametrize("lines", [1, 129, 1000])
@pytest.mark.parametrize("longest", [10, 9_000, 100_000])
def test_a_long_head_is_read(lines: int, longest: int) -> None:
    key = new_key()
    head = "".join(f"X-{number}: {'v' * longest if not number else 'v'}\r\n" for number in range(lines))
    answer = f"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n{head}\r\n".encode() + b"\x81\x00"
    reader = UpgradeReader()
    assert reader.feed(answer[:20]) is None
    reply = reader.feed(answer[20:])
    assert reply is not None and reply.status == 101 and len(reply.headers) == lines + 1
    assert reply.rest == b"\x81\x00"
    assert not reply.accepts(key), "another key"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n", b"no"),
        ("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n", b""),
        ("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nn\r\n1;x=y\r\no\r\n0\r\n\r\n", b"no"),
        ("HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
)
def test_a_refusal_is_read_with_its_body(head: str, body: bytes) -> None:
    data = head.encode() + (body if "Content-Length: 2" in head else b"")
    for cut in range(1, len(data)):
        reader = UpgradeReader()
        reply = reader.feed(data[:cut]) or reader.feed(data[cut:])
        assert reply is not None and reply.body == body


def test_what_is_no_http_is_said_at_once() -> None:
    with pytest.raises(BrokenUpgrade, match="no HTTP"):
        UpgradeReader().feed(b"SSH-2.0-OpenSSH")


@pytest.mark.parametrize("header", ["a\r\nInjected: yes", "a\nb", "a\0b"])
def test_a_header_cannot_smuggle_another_one(header: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        upgrade_request(door_of("ws://127.0.0.1:1/x"), new_key(), [("X-Token", header)])


@pytest.mark.parametrize("address", ["http://127.0.0.1/", "ws://", "127.0.0.1:80", "ws:///path"])
def test_an_address_that_is_no_websocket_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no WebSocket address"):
        door_of(address)
