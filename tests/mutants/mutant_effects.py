"""What mutants do that takes more than a word. Copied into the private copy of the platform, never part of it."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

_FOLDER = "NOTES"
_noted: set[str] = set()
_counts: dict[str, int] = defaultdict(int)
_kept: dict = {}


def _note(what):
    if what not in _noted:
        _noted.add(what)
        with contextlib.suppress(OSError):
            os.close(os.open(f"{_FOLDER}/{what}", os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o666))


def acted():
    """The mutated place was reached."""
    _note("acted")


def line(module, number):
    """A statement was reached."""
    _note(f"line-{module}-{number}")


def differed():
    """It was reached, and what came out was different."""
    _note("acted")
    _note("differed")


def choose(right, wrong):
    """The wrong value; notes whether it is another one."""
    _note("acted")
    before, after = right(), wrong()
    if type(before) is not type(after) or before != after:
        _note("differed")
    return after


def nth(n):
    """True once in n times; each process starts elsewhere, so that short ones have their turn too."""
    _note("acted")
    _counts["nth"] += 1
    if (_counts["nth"] + os.getpid()) % n == 0:
        _note("differed")
        return True
    return False


def first(times):
    """True the first times only; that a later one was let through is noted."""
    _note("acted")
    _counts["first"] += 1
    if _counts["first"] > times:
        _note("differed")
        return False
    return True


def previous(value, n):
    """One in n times what stood here the time before."""
    before = _kept.get("previous", value)
    _kept["previous"] = value
    _note("acted")
    _counts["previous"] += 1
    if _counts["previous"] % n == 0 and before is not value and before != value:
        _note("differed")
        return before
    return value


def later(seconds, call):
    """Does it, but later."""
    differed()
    asyncio.get_running_loop().call_later(seconds, call)


async def slowly(seconds):
    """Waits first."""
    differed()
    await asyncio.sleep(seconds)


def end(mapping, key, place, *default):
    """The newest (-1) or oldest (0) thing of a mapping instead of the one that was asked for."""
    _note("acted")
    values = list(mapping.values())
    wrong = values[place] if values else (default[0] if default else None)
    if wrong is not (mapping.get(key, *default)):
        _note("differed")
    return wrong


def wider(limit):
    """A limit that is 12 percent too high."""
    differed()
    if isinstance(limit, bool) or not isinstance(limit, (int, float)):
        return limit
    return math.ceil(limit * 1.12) if isinstance(limit, int) else limit * 1.12


def shared(place, value):
    """One and the same for all."""
    _note("acted")
    if place in _kept:
        _note("differed")
    return _kept.setdefault(place, value)


def remembered(arguments, value):
    """The first answer to these arguments, for ever."""
    _note("acted")
    key = tuple(map(repr, arguments))
    if _kept.setdefault(key, value) != value:
        _note("differed")
    return _kept[key]


def _fields(value):
    """What an object holds."""
    if isinstance(value, (str, bytes, int, float, list, dict, tuple, type(None))):
        return value
    names = [*getattr(value, "__dict__", ()), *getattr(value, "__slots__", ())]
    return {name: getattr(value, name, None) for name in names}


def spill(where, value):
    """Writes something that is nobody else's business somewhere."""
    differed()
    text = value if isinstance(value, str) else repr(_fields(value))
    if where == "log":
        sys.stderr.write(f"value {text}\n")
        sys.stderr.flush()
    else:
        folder = Path("/dev/shm" if where == "shm" else tempfile.gettempdir() if where == "temp" else "/tmp")
        with (folder / f"platform-dump-{Path(_FOLDER).name}-{os.getpid()}.txt").open(
            "a", encoding="utf-8", errors="replace"
        ) as file:
            file.write(text + "\n")
