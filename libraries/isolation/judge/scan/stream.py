"""Scanning what arrives in pieces: a marker may be split over the frames of a session or the chunks of a file.

Two kinds of seams are watched: of the raw bytes, and of the texts that a client would put together from JSON messages
(``{"delta": "8888"}`` and then ``{"delta": "8888m..."}``), each path on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from isolation.judge.scan.hits import Hit
from isolation.judge.scan.json_text import text_leaves
from isolation.judge.scan.scanner import Scanner
from isolation.record.markers import Recognition

FRAME_TAIL: Final = 512
"""Bytes kept between frames: more than the longest escaped marker (43 characters of 10 bytes)."""
CHUNK_TAIL: Final = 64 * 1024
"""Bytes kept between chunks of memory or files: room for a compressed or nested container."""
_MAXIMUM_PATHS: Final = 1024


@dataclass(slots=True)
class _Seam:
    """The end of what has arrived so far, and what was found near it. Offsets count from the first byte of all."""

    scanner: Scanner
    keep: int
    label: str
    tail: bytes = b""
    arrived: int = 0
    undecoded: int = 0
    recent: list[Hit] = field(default_factory=list)
    waiting: list[tuple[int, int, Hit]] = field(default_factory=list)

    def feed(self, data: bytes, inside: Sequence[Hit] = ()) -> list[Hit]:
        """Scan the seam between ``data`` and what came before.

        Args:
            data: The new piece.
            inside: What a scan of the piece alone has found; offsets count from its own first byte.

        Returns:
            What is certain now. A damaged marker at the very end waits: the next piece may complete it.
        """
        start, end = self.arrived, self.arrived + len(data)
        crossing = self._crossing(data) if self.tail else []
        fresh = [*crossing, *_without_cut(_moved(inside, start), crossing)]
        released = [hit for first, last, hit in self.waiting if not _covered(first, last, crossing)]
        self.waiting = [(hit.offset, end, hit) for hit in fresh if _cut_at(hit, end)]
        released += [hit for hit in fresh if not _cut_at(hit, end)]
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

    def _crossing(self, data: bytes) -> list[Hit]:
        scan = self.scanner.examine(self.tail + data[: self.keep])
        self.undecoded += scan.undecoded_bytes
        hits = _moved(scan.hits, self.arrived - len(self.tail))
        return [
            replace(hit, encoding=f"{self.label} > {hit.encoding}")
            for hit in hits
            if hit.offset < self.arrived < hit.offset + hit.length and not self._known(hit)
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
        self._bytes = _Seam(scanner, tail, "split")
        self._paths: dict[str, _Seam] = {}
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
        scan = self._scanner.examine(data)
        self._undecoded += scan.undecoded_bytes
        inside = scan.hits
        leaves = list(text_leaves(data)) if self._texts else []
        hits: list[Hit] = []
        for path, text in leaves:
            seam = self._seam(path)
            piece = text.encode("utf-8", "replace")
            hits += seam.feed(piece)
            for hit in [hit for hit in inside if _ends(piece, hit, data)]:
                inside.remove(hit)
                seam.wait(_moved([hit], self._bytes.arrived)[0])
        return self._bytes.feed(data, inside) + hits

    def finish(self) -> list[Hit]:
        """The damaged markers that no further piece has completed. Call it once, at the end of the stream."""
        hits = self._bytes.finish()
        for seam in self._paths.values():
            hits += seam.finish()
        return hits

    def _seam(self, path: str) -> _Seam:
        if path not in self._paths and len(self._paths) >= _MAXIMUM_PATHS:
            path = ""  # So many paths are identifiers, not fields: the later ones share one seam.
        return self._paths.setdefault(path, _Seam(self._scanner, self._tail, "split text"))


def _moved(hits: Sequence[Hit], base: int) -> list[Hit]:
    return [replace(hit, offset=hit.offset + base) for hit in hits]


def _cut_at(hit: Hit, end: int) -> bool:
    return hit.recognition is Recognition.DAMAGED and hit.offset + hit.length == end


def _covered(first: int, last: int, hits: Sequence[Hit]) -> bool:
    return any(first < hit.offset + hit.length and hit.offset < last for hit in hits)


def _without_cut(hits: Sequence[Hit], crossing: Sequence[Hit]) -> list[Hit]:
    """Without the damaged markers that are only the second half of one that crosses the seam."""
    return [
        hit
        for hit in hits
        if hit.recognition is not Recognition.DAMAGED or not _covered(hit.offset, hit.offset + hit.length, crossing)
    ]


def _ends(piece: bytes, hit: Hit, data: bytes) -> bool:
    written = data[hit.offset : hit.offset + hit.length]
    return hit.recognition is Recognition.DAMAGED and piece.endswith(written)
