"""Scanning what arrives in pieces: a marker may be split over the frames of a session or the chunks of a file.

Two kinds of seams are watched: of the raw bytes, and of the texts that a client would put together from JSON messages
(``{"delta": "8888"}`` and then ``{"delta": "8888m..."}``), each path on its own. Compressed and
nested containers are opened at the first kind only.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from isolation.judge.scan.hits import Hit, to_hits
from isolation.judge.scan.json_text import documents_in, texts_by_path, texts_by_stream
from isolation.judge.scan.scanner import Scanner
from isolation.judge.scan.seams import Seam, is_damaged, moved, nothing_crosses
from isolation.judge.scan.words_apart import IN_PIECES
from isolation.record.secrets.markers import MarkerIdentity, Recognition

FRAME_TAIL: Final = 512
"""Bytes kept between frames: more than the longest escaped marker (43 characters of 10 bytes)."""
CHUNK_TAIL: Final = 64 * 1024
"""Bytes kept between chunks of memory or files: room for a compressed or nested container."""
SPLIT: Final = "split"
_MAXIMUM_PATHS: Final = 1024
_Piece = tuple[Seam, bytes, Sequence[int]]
"""A seam, what comes next there, and where that is joined; see ``Seam.feed``."""


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
        self._bytes = Seam(scanner, tail, SPLIT)
        self._paths: dict[str, Seam] = {}
        self._streams: dict[str, Seam] = {}
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
        whole = {hit.identity for hit in inside if hit.recognition is Recognition.OWN_RUN}
        joined = self._joined(data, inside) if self._texts else []
        base = self._bytes.arrived
        words = to_hits(data, self._pieces.feed(data))
        # Where only eights lie beyond the seam, the marker was whole in one of the two pieces.
        joined = [hit for hit in joined if hit.identity not in whole | self._whole]
        hits = self._bytes.feed(data, inside) + list({(hit.identity, hit.recognition): hit for hit in joined}.values())
        self._whole = whole
        return _each_once([*hits, *moved(words, base)])

    def finish(self) -> list[Hit]:
        """The damaged markers that no further piece has completed. Call it once, at the end of the stream."""
        hits = self._bytes.finish()
        for seam in self._paths.values():
            hits += seam.finish()
        return _each_once([*hits, *to_hits(b"", self._pieces.finish())])

    def _joined(self, data: bytes, inside: list[Hit]) -> list[Hit]:
        """What lies across the texts of this message and the ones before; what may go on leaves ``inside`` and waits."""
        documents = documents_in(data)
        if not documents:
            return []
        by_path, by_stream = self._by_path(documents), self._by_stream(documents)
        clear = nothing_crosses(self._scanner, [*by_path, *by_stream])
        found: list[Hit] = []
        for (seam, piece, joints), is_clear in zip(by_path, clear, strict=False):
            found += seam.feed(piece, joints=joints, is_clear=is_clear)
            for hit in [hit for hit in inside if _ends(piece, hit, data)]:
                inside.remove(hit)
                seam.wait(moved([hit], self._bytes.arrived)[0])
        # Of streams that take turns only whole markers count; parts are told by the other views.
        for (seam, piece, joints), is_clear in zip(by_stream, clear[len(by_path) :], strict=True):
            crossing = seam.feed(piece, joints=joints, is_clear=is_clear)
            found += [hit for hit in crossing if hit.recognition is Recognition.OWN_RUN]
        return found

    def _by_path(self, documents: Sequence[object]) -> list[_Piece]:
        pieces: list[_Piece] = []
        for path, leaves in texts_by_path(documents).items():
            texts = [leaf.encode("utf-8", "replace") for leaf in leaves]
            joints = (0, *accumulate(len(text) for text in texts[:-1]))
            pieces.append((self._seam(path), b"".join(texts), joints))
        return pieces

    def _by_stream(self, documents: Sequence[object]) -> list[_Piece]:
        pieces: list[_Piece] = []
        for stream, leaves in texts_by_stream(documents).items():
            seam = self._streams.pop(stream, None) or Seam(self._scanner, FRAME_TAIL, f"{SPLIT} text", nested=False)
            self._streams[stream] = seam
            pieces.append((seam, "".join(leaves).encode("utf-8", "replace"), (0,)))
        while len(self._streams) > _MAXIMUM_PATHS:
            del self._streams[next(iter(self._streams))]
        return pieces

    def _seam(self, path: str) -> Seam:
        if path not in self._paths and len(self._paths) >= _MAXIMUM_PATHS:
            path = ""  # So many paths are identifiers, not fields: the later ones share one seam.
        return self._paths.setdefault(path, Seam(self._scanner, FRAME_TAIL, f"{SPLIT} text", nested=False))


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
    return [hit for hit in rest if not (is_damaged(hit) and hit.identity and _owner(hit.identity) in owners)] + apart


def _owner(identity: MarkerIdentity) -> tuple[int, int]:
    return identity.tenant, identity.user


def _ends(piece: bytes, hit: Hit, data: bytes) -> bool:
    written = data[hit.offset : hit.offset + hit.length]
    return is_damaged(hit) and piece.endswith(written)
