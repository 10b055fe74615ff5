"""Markers that arrive word by word, with anything in between: one delta per frame, row or log line, two streams at once.

Principle: a word (letters and digits) that ends in the first characters of a marker opens a thread; a later word that is
exactly what some minted marker of that thread goes on with continues it, and words that are not are passed over. A
thread that reaches the end of a body is that marker. The same is done with the words written backwards, and with the
markers written backwards, so that pieces that come last one first, or a text that runs backwards, are found as well.

Why chance does not: each piece must be what one of the minted markers goes on with. Among ``n`` words a piece of
``k`` characters of 32 turns up with a chance of ``n / 32^k`` at most, and a body has 34 characters. `_reach` allows so
many words in between that even a marker in single characters stays below ``(12/32)^20``, and longer pieces far below;
a text of a million words opens some hundred threads. Public texts of 100 MB gave none (tests/unit/scan).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from isolation.judge.scan.hits import Found
from isolation.judge.scan.openings import SMALL, openings_in
from isolation.record.secrets.markers import (
    BEGINS,
    BODY_LENGTH,
    ENDS,
    PREFIX_DIGIT,
    MarkerIdentity,
    MarkerMint,
    Recognition,
)

IN_PIECES: Final = "in pieces"
_WHOLE: Final = 1 + BODY_LENGTH
"""Characters of a thread: the letter beside the eights, and the body."""
_CERTAIN: Final = 20
"""So many characters of a thread are certain by themselves: short pieces may then be far apart, and what never ends is told."""
_LONGEST_REACH: Final = 512
_REACH: Final = {1: 12, 2: 64}
"""Words that may lie between two pieces, by the length of the second."""
_YOUNG: Final = 4
_YOUNG_REACH: Final = 128
"""A thread of so few characters may have been opened by any text: it waits for fewer words."""
_LONGEST_WORD: Final = 64
_MOST_THREADS: Final = 96
_LEAST_ALONE: Final = 3
"""Characters of a thread that open it without two eights beside them, or some alone before."""
_EIGHTS: Final = re.compile(r"^8+$|(?<![mw8])8{6,}$")
_EAGER_BYTES: Final = 512
"""So far behind eights by themselves any word that begins or ends with one of the two letters is looked at."""
_WORD: Final = re.compile(rb"[0-9a-z\x80-\xff]+")
"""Letters that are not ASCII belong to words: half of one is no piece."""
_NEAR: Final = re.compile(
    rb"8[mw][a-z2-7]{0,33}(?![0-9a-z\x80-\xff])"
    rb"|(?<![0-9a-z\x80-\xff])(?:8{1,8}|[mw][a-z2-7]{0,33}|[a-z2-7]{0,33}[mw]8{0,8})(?![0-9a-z\x80-\xff])"
)


@dataclass(frozen=True, slots=True)
class _Direction:
    """One order in which the characters of markers may come."""

    opening: re.Pattern[str]
    forms: list[str]
    bodies_backwards: bool
    words_backwards: bool

    @classmethod
    def of(cls, letter: str, forms: list[str], *, bodies: bool, words: bool) -> _Direction:
        pattern = rf"(?:^|({PREFIX_DIGIT}+)){letter}([a-z2-7]{{0,{BODY_LENGTH - 1}}})$"
        return cls(re.compile(pattern), sorted(forms), bodies, words)

    def narrowed(self, low: int, high: int, text: str) -> tuple[int, int]:
        """Which of the forms from ``low`` to ``high`` begin with a text."""
        return bisect_left(self.forms, text, low, high), bisect_left(self.forms, text + "~", low, high)


class MarkerForms:
    """The minted markers, sorted, in all four directions; made again when more have been minted."""

    def __init__(self, mint: MarkerMint) -> None:
        """Wait until somebody asks."""
        self._mint = mint
        self._known = -1
        self._directions: tuple[_Direction, ...] = ()

    @property
    def directions(self) -> tuple[_Direction, ...]:
        """All four."""
        self._refresh()
        return self._directions

    def owner_of(self, body: str) -> MarkerIdentity:
        """Whose a minted body is."""
        return self._mint.minted[body]

    def _refresh(self) -> None:
        if self._known == len(self._mint.minted):
            return
        self._known = len(self._mint.minted)
        forwards = [BEGINS + body for body in self._mint.minted]
        backwards = [ENDS + body[::-1] for body in self._mint.minted]
        self._directions = (
            _Direction.of(BEGINS, forwards, bodies=False, words=False),
            _Direction.of(ENDS, backwards, bodies=True, words=False),
            _Direction.of(ENDS, backwards, bodies=True, words=True),
            _Direction.of(BEGINS, forwards, bodies=False, words=True),
        )


@dataclass(slots=True)
class _Thread:
    """A marker that has come so far.

    Attributes:
        direction: In which order it comes.
        low: The first of its candidates.
        high: Behind the last of them.
        text: What of it has come.
        at: Number of its last word.
        pieces: How many words it has.
        start: Offset of its first word in the current data.
        end: Offset behind its last word there.
    """

    direction: _Direction
    low: int
    high: int
    text: str
    at: int
    pieces: int
    start: int
    end: int
    next: str = field(init=False)

    def __post_init__(self) -> None:
        """Note the only character that the next piece may begin with; nothing when there are several, or none."""
        self.next = self._next() if len(self.text) < _WHOLE else ""

    def _next(self) -> str:
        forms, place = self.direction.forms, len(self.text)
        first = forms[self.low][place]
        return first if first == forms[self.high - 1][place] else ""

    def waits(self) -> int:
        """How many words it waits for its next piece."""
        return _LONGEST_REACH if len(self.text) > _YOUNG else _YOUNG_REACH


@dataclass(slots=True)
class PiecesReader:
    """Reads the words of everything that arrives at one place, in its order."""

    forms: MarkerForms
    _threads: list[_Thread] = field(default_factory=list)
    _words: int = 0
    _eager_until: int = 0
    _small: bool = True

    def feed(self, data: bytes) -> list[Found]:
        """Everything that the words of ``data`` complete; offsets are those of the completing word."""
        found: list[Found] = []
        openings: Iterator[int] | None = None
        position = 0
        text = b""
        self._small = len(data) <= SMALL
        for thread in self._threads:
            thread.start = thread.end = 0
        while True:
            if self._threads:
                text = text or data.lower()
                match = _WORD.search(text, position)
            elif position < self._eager_until:
                text = text or data.lower()
                match = _NEAR.search(text, position, self._eager_until)
                if match is None:
                    position = self._eager_until
                    continue
                match = _WORD.search(text, _begin_of_word(text, match.start()))
            else:
                openings = openings or iter(openings_in(data))
                opening = next((at for at in openings if at >= position), None)
                text = text or (data.lower() if opening is not None else b"")
                match = None if opening is None else _WORD.search(text, _begin_of_word(text, opening))
            if match is None:
                self._eager_until -= len(data)
                return found
            position = match.end()
            self._words += 1
            if match.end() - match.start() <= _LONGEST_WORD:
                found += self._read(match[0].decode("latin-1"), match.start(), match.end())

    def finish(self) -> list[Found]:
        """What has come far enough to be certain, and never ended."""
        left = [thread for thread in self._threads if len(thread.text) > _CERTAIN and thread.pieces > 1]
        self._threads = []
        longest = {thread.direction.forms[thread.low]: thread for thread in sorted(left, key=lambda t: len(t.text))}
        return [self._found(thread, Recognition.DAMAGED) for thread in longest.values()]

    def _read(self, word: str, start: int, end: int) -> list[Found]:
        found: list[Found] = []
        reach = _REACH.get(len(word), _LONGEST_REACH)
        going: list[_Thread] = []
        whole: list[_Thread] = []
        first, last = word[0], word[-1]
        for thread in self._threads:
            gap = self._words - thread.at
            if gap > thread.waits():
                continue
            begins = last if thread.direction.words_backwards else first
            near = thread.next in ("", begins) and (gap <= reach or len(thread.text) > _CERTAIN)
            longer = self._longer(thread, word, end) if near else None
            if longer is None:
                going.append(thread)
            elif len(longer.text) == _WHOLE:
                whole = [other for other in whole if other.text != longer.text] + [longer]
            else:  # It may have been another marker's piece (they share a run): the right one may still come.
                going += [thread, longer]
        for thread in whole:
            found.append(self._found(thread, Recognition.OWN_RUN))
            going = [other for other in going if not thread.text.startswith(other.text)]
        if _EIGHTS.search(word):
            self._eager_until = end + _EAGER_BYTES
        going += self._opened(word, start, end)
        if len(going) > _MOST_THREADS:
            going = sorted(going, key=lambda thread: -len(thread.text))[:_MOST_THREADS]
        self._threads = going
        return found

    def _longer(self, thread: _Thread, word: str, end: int) -> _Thread | None:
        direction = thread.direction
        piece = word[::-1] if direction.words_backwards else word
        text = thread.text + piece[: _WHOLE - len(thread.text)]
        low, high = direction.narrowed(thread.low, thread.high, text)
        if low == high:
            return None
        return _Thread(direction, low, high, text, self._words, thread.pieces + 1, thread.start, end)

    def _opened(self, word: str, start: int, end: int) -> list[_Thread]:
        opened: list[_Thread] = []
        if BEGINS not in word and ENDS not in word:
            return opened
        for direction in self.forms.directions:
            piece = word[::-1] if direction.words_backwards else word
            match = direction.opening.search(piece)
            if match is None:
                continue
            text = piece[match.start(2) - 1 :]
            near = start < self._eager_until or (self._small and bool(match[1]))
            believed = near or len(match[1] or "") > 1 or len(text) > _LEAST_ALONE
            low, high = direction.narrowed(0, len(direction.forms), text) if believed else (0, 0)
            if low < high:
                opened.append(_Thread(direction, low, high, text, self._words, 1, start, end))
        return opened

    def _found(self, thread: _Thread, recognition: Recognition) -> Found:
        return Found(self._identity(thread), recognition, (IN_PIECES,), thread.start, thread.end)

    def _identity(self, thread: _Thread) -> MarkerIdentity:
        """Whose it is: the first of the candidates, and the only one when it is whole."""
        form = thread.direction.forms[thread.low][1:]
        return self.forms.owner_of(form[::-1] if thread.direction.bodies_backwards else form)


def _begin_of_word(text: bytes, at: int) -> int:
    """Where the word around ``at`` begins; a word that is too long for a piece is entered in its middle."""
    begin = at
    while begin > 0 and at - begin <= _LONGEST_WORD and _WORD.match(text, begin - 1):
        begin -= 1
    return begin
