"""Server-sent events: the pieces in which bytes arrive make no difference."""

from __future__ import annotations

import random

import pytest

from isolation.drive.channels.events import EventReader

STREAM = (
    b": keep alive\n\n"
    b"event: a\ndata: one\n\n"
    b"data: two\r\ndata: lines\r\nid: 7\r\n\r\n"
    b"event: \xc3\xa9\rdata:no blank\r\r"
    b"retry: 10\n\n"
    b"data\n\n"
    b"event: last\ndata: unended"
)
EXPECTED = [
    ("a", "one", ""),
    ("message", "two\nlines", "7"),
    ("é", "no blank", ""),
    ("message", "", ""),
    ("last", "unended", ""),
]


@pytest.mark.parametrize("seed", range(40))
def test_every_event_comes_once_and_whole(seed: int) -> None:
    rng = random.Random(seed)
    cuts = sorted(rng.randrange(len(STREAM) + 1) for _ in range(rng.randrange(20)))
    if seed == 0:
        cuts = list(range(1, len(STREAM)))
    reader, seen = EventReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(STREAM)], strict=True):
        seen += list(reader.feed(STREAM[start:end]))
    seen += list(reader.rest())
    assert [(event.event, event.data, event.id) for event in seen] == EXPECTED
