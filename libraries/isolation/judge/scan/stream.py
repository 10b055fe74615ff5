"""Scanning what arrives in pieces: a marker may be split over the frames of a session or the chunks of a file.

Two kinds of seams are watched: of the raw bytes, and of the texts that a client would put together from JSON messages
(``{"delta": "8888"}`` and then ``{"delta": "8888m..."}``), each path on its own. Compressed and
nested containers are opened at the first kind only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Final

from isolation.judge.scan.hits import Hit, to_hits
from isolation.judge.scan.json_text import texts_by_path, texts_by_stream
from isolation.judge.scan.scanner import Scanner
from isolation.judge.scan.words_apart import IN_PIECES
from isolation.record.secrets.markers import MarkerIdentity, Recognition

FRAME_TAIL: Final = 512
"""Bytes kept between frames: more than the longest escaped marker (43 characters of 10 bytes)."""
CHUNK_TAIL: Final = 64 * 1024
"""Bytes kept between chunks of memory or files: room for a compressed or nested container."""
SPLIT: Final = "split"
_MAXIMUM_PATHS: Final = 1024
_LONGEST_CHARACTER: Final = 16
"""An escaped character may itself be cut: a damaged marker this close to the end may still go on."""


@dataclass(slots=True)
class _Seam:
    """The end of what has arrived so far, and what was found near it. Offsets count from the first byte of all."""

    scanner: Scanner
    keep: int
    label: str
    nested: bool = True
    tail: bytes = b""
    arrived: int = 0
    undecoded: int = 0
    recent: list[Hit] = field(default_factory=list)
    waiting: list[tuple[int, int, Hit]] = field(default_factory=list)

    def feed(self, data: bytes, inside: Sequence[Hit] = (), joints: Sequence[int] = (0,)) -> list[Hit]:
        """Scan the seam between ``data`` and what came before.

        Args:
            data: The new piece.
            inside: What a scan of the piece alone has found; offsets count from its own first byte.
            joints: Where in ``data`` seams are, in order; the first is always at its beginning.

        Returns:
            What is certain now. A damaged marker at the very end waits: the next piece may complete it.
        """
        start, end = self.arrived, self.arrived + len(data)
        crossing = self._crossing(data, joints) if self.tail or len(joints) > 1 else []
        fresh = [*crossing, *_without_repeats(_moved(inside, start), crossing)]
        waiting = [entry for entry in self.waiting if not _covered(entry[0], entry[1], crossing)]
        waiting += [(hit.offset, hit.offset + hit.length, hit) for hit in fresh if _damaged(hit)]
        released = [hit for _first, last, hit in waiting if last <= end - _LONGEST_CHARACTER]
        released += [hit for hit in fresh if not _damaged(hit)]
        self.waiting = [entry for entry in waiting if entry[1] > end - _LONGEST_CHARACTER]
        self.arrived = end
        self.tail = (self.tail + data)[-self.keep :]
        self.recent = [hit for hit in self.recent + released if hit.offset + hit.length > end - self.keep]
        return released

    def wait(self, hit: Hit) -> None:
        """Hold back a damaged marker that ended the last piece until the next one shows whether it goes on."""
        self.waiting.append((self.arrived - hit.length, self.arrived, hit))

    def finish(self) -> list[Hit]:
        """Everything that still waited for a continuation."""
        hits = [hit for _first, _last, hit in self.waiting]
        self.waiting = []
        return hits

    def _crossing(self, data: bytes, joints: Sequence[int]) -> list[Hit]:
        around = self.tail + data[: joints[-1] + self.keep]
        found, undecoded = self.scanner.find(around, nested=self.nested, pieces=False)
        self.undecoded += undecoded
        seams = [len(self.tail) + joint for joint in joints]
        if not any(_crosses(entry.start, entry.end, seams) for entry in found):
            return []  # The usual case: what lies on one side of the seam is found there.
        hits = [hit for hit in to_hits(around, found) if _crosses(hit.offset, hit.offset + hit.length, seams)]
        return [
            replace(hit, encoding=f"{self.label} > {hit.encoding}")
            for hit in _moved(hits, self.arrived - len(self.tail))
            if not self._known(hit)
        ]

    def _known(self, hit: Hit) -> bool:
        return any(
            (hit.identity, hit.recognition) == (old.identity, old.recognition)
            and hit.offset < old.offset + old.length
            and old.offset < hit.offset + hit.length
            for old in self.recent
        )


class StreamScanner:
    """Scans one session's frames, or one file's or process's chunks, in the order of their arrival."""

    def __init__(self, scanner: Scanner, *, tail: int = FRAME_TAIL, texts: bool = True) -> None:
        """Start with nothing arrived.

        Args:
            scanner: Scans each piece and each seam.
            tail: Bytes kept between pieces (`FRAME_TAIL` or `CHUNK_TAIL`; a multiple of eight).
            texts: Whether pieces that are JSON documents are also joined text by text.
        """
        self._scanner = scanner
        self._tail = tail
        self._texts = texts
        self._bytes = _Seam(scanner, tail, SPLIT)
        self._paths: dict[str, _Seam] = {}
        self._streams: dict[str, _Seam] = {}
        self._pieces = scanner.pieces()
        self._whole: set[MarkerIdentity | None] = set()
        self._undecoded = 0

    @property
    def undecoded_bytes(self) -> int:
        """Encoded bytes left unopened so far; unless it is zero, "nothing found" is not proven."""
        return self._undecoded + self._bytes.undecoded + sum(seam.undecoded for seam in self._paths.values())

    def feed(self, data: bytes) -> list[Hit]:
        """Scan the next piece.

        Returns:
            New hits, each once. Offsets count from the first byte of the stream; those of ``split text`` from the
            first character of the joined text of its path. Damaged markers at an end come with a later piece.
        """
        scan = self._scanner.examine(data, pieces=False)
        self._undecoded += scan.undecoded_bytes
        inside = scan.hits
        joined: list[Hit] = []
        whole = {hit.identity for hit in inside if hit.recognition is Recognition.OWN_RUN}
        for path, leaves in (texts_by_path(data) if self._texts else {}).items():
            seam = self._seam(path)
            texts = [leaf.encode("utf-8", "replace") for leaf in leaves]
            piece = b"".join(texts)
            joined += seam.feed(piece, joints=(0, *accumulate(len(text) for text in texts[:-1])))
            for hit in [hit for hit in inside if _ends(piece, hit, data)]:
                inside.remove(hit)
                seam.wait(_moved([hit], self._bytes.arrived)[0])
        joined += self._apart(data) if self._texts else []
        base = self._bytes.arrived
        words = to_hits(data, self._pieces.feed(data))
        # Where only eights lie beyond the seam, the marker was whole in one of the two pieces.
        joined = [hit for hit in joined if hit.identity not in whole | self._whole]
        hits = self._bytes.feed(data, inside) + list({(hit.identity, hit.recognition): hit for hit in joined}.values())
        self._whole = whole
        return _each_once([*hits, *_moved(words, base)])

    def finish(self) -> list[Hit]:
        """The damaged markers that no further piece has completed. Call it once, at the end of the stream."""
        hits = self._bytes.finish()
        for seam in self._paths.values():
            hits += seam.finish()
        return _each_once([*hits, *to_hits(b"", self._pieces.finish())])

    def _apart(self, data: bytes) -> list[Hit]:
        """Whole markers in the texts of one stream among several that take turns; parts are told by the other views."""
        found: list[Hit] = []
        for stream, leaves in texts_by_stream(data).items():
            seam = self._streams.pop(stream, None) or _Seam(self._scanner, FRAME_TAIL, f"{SPLIT} text", nested=False)
            self._streams[stream] = seam
            found += seam.feed("".join(leaves).encode("utf-8", "replace"))
        while len(self._streams) > _MAXIMUM_PATHS:
            del self._streams[next(iter(self._streams))]
        return [hit for hit in found if hit.recognition is Recognition.OWN_RUN]

    def _seam(self, path: str) -> _Seam:
        if path not in self._paths and len(self._paths) >= _MAXIMUM_PATHS:
            path = ""  # So many paths are identifiers, not fields: the later ones share one seam.
        return self._paths.setdefault(path, _Seam(self._scanner, FRAME_TAIL, f"{SPLIT} text", nested=False))


def _each_once(hits: Sequence[Hit]) -> list[Hit]:
    """Without what another view has read better: a whole marker makes its own parts superfluous.

    The views overlap: a marker over two frames is found at the seam, in the joined texts and word by word.
    """
    whole = [hit.identity for hit in hits if hit.recognition is Recognition.OWN_RUN and hit.encoding != IN_PIECES]
    apart = [hit for hit in hits if hit.encoding == IN_PIECES and hit.identity not in whole]
    owners = {(who.tenant, who.user) for who in whole + [hit.identity for hit in apart] if who}
    rest = [hit for hit in hits if hit.encoding != IN_PIECES]
    seams = [hit for hit in rest if hit.recognition is Recognition.OWN_RUN and hit.encoding.startswith(SPLIT)]
    if not seams and not apart:
        return rest
    return [hit for hit in rest if not (_damaged(hit) and hit.identity and _owner(hit.identity) in owners)] + apart


def _owner(identity: MarkerIdentity) -> tuple[int, int]:
    return identity.tenant, identity.user


def _moved(hits: Sequence[Hit], base: int) -> list[Hit]:
    return [replace(hit, offset=hit.offset + base) for hit in hits]


def _damaged(hit: Hit) -> bool:
    return hit.recognition is Recognition.DAMAGED


def _crosses(start: int, end: int, seams: Sequence[int]) -> bool:
    """Whether one of the seams (in order) lies strictly between a start and an end."""
    after = bisect_right(seams, start)
    return after < len(seams) and seams[after] < end


def _covered(first: int, last: int, hits: Sequence[Hit]) -> bool:
    return any(first < hit.offset + hit.length and hit.offset < last for hit in hits)


def _without_repeats(hits: Sequence[Hit], crossing: Sequence[Hit]) -> list[Hit]:
    """Without what is only the second half of something that crosses the seam."""
    if not crossing:
        return list(hits)
    return [
        hit
        for hit in hits
        if not _covered(
            hit.offset,
            hit.offset + hit.length,
            [other for other in crossing if _damaged(hit) or other.identity == hit.identity],
        )
    ]


def _ends(piece: bytes, hit: Hit, data: bytes) -> bool:
    written = data[hit.offset : hit.offset + hit.length]
    return _damaged(hit) and piece.endswith(written)
