"""Keeping account of the watching itself, and keeping it going: a reader that stops silently makes every "nothing" a lie."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from isolation.record.usage.watch_notes import Trouble, WatchNote

_MOST_NOTES: Final = 500
_LONGEST_WORDS: Final = 200
_PAUSE_S: Final = 1.0
"""After a round that failed: a source that is broken is asked again, not hammered."""


class Notebook:
    """All notes; the same trouble again is counted, not written down again."""

    def __init__(self) -> None:
        """Begin empty."""
        self._notes: dict[tuple[Trouble, str, str], WatchNote] = {}

    def note(self, kind: Trouble, source: str, words: str) -> None:
        """Write something down that just happened."""
        words, now = plain(words), time.monotonic()
        known = self._notes.get((kind, source, words))
        if known is not None:
            self._notes[kind, source, words] = replace(known, until=now, times=known.times + 1)
        elif len(self._notes) < _MOST_NOTES:
            self._notes[kind, source, words] = WatchNote(now, kind, source, words, now)

    def gap(self, source: str, words: str, since: float, until: float | None) -> None:
        """Write down that nothing was read from a moment on, and until when if that is over."""
        key = (Trouble.GAP, source, f"{since:.3f}")
        if key in self._notes or len(self._notes) < _MOST_NOTES:
            self._notes[key] = WatchNote(since, Trouble.GAP, source, plain(words), until)

    def since(self, moment: float) -> list[WatchNote]:
        """All notes that reach beyond a moment, in the order of time."""
        notes = [note for note in self._notes.values() if note.until is None or note.until >= moment]
        return sorted(notes, key=lambda note: note.at)


def plain(words: object, longest: int = _LONGEST_WORDS) -> str:
    """Words of a stranger, harmless and short: no control characters, no half characters, no novels."""
    text = str(words)[: 4 * longest].encode("utf-8", "replace").decode("utf-8")
    text = "".join(character if character.isprintable() else "·" for character in text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


async def keep_going(source: str, notebook: Notebook, every_s: float, one_round: Callable[[], Awaitable[None]]) -> None:
    """Do something again and again, whatever it raises; the time without a good round is a gap.

    Args:
        source: What is being read.
        notebook: Where the gap is written.
        every_s: Seconds from the begin of one good round to the next.
        one_round: What to do; it may raise anything.
    """
    good, broken_since = time.monotonic(), 0.0
    words = ""
    while True:
        began = time.monotonic()
        try:
            await one_round()
        except Exception as error:  # noqa: BLE001 - whatever a target answers, the watch goes on and says what happened
            broken_since = broken_since or good
            words = f"{type(error).__name__}: {error}"
            notebook.gap(source, words, broken_since, None)
            await asyncio.sleep(max(every_s, _PAUSE_S))
            continue
        good = time.monotonic()
        if broken_since:
            notebook.gap(source, words, broken_since, good)
            broken_since = 0.0
        await asyncio.sleep(max(0.0, began + every_s - good))
