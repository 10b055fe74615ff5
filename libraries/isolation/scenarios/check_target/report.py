"""What the check prints: short lines, nothing secret, nothing that a terminal would obey."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

_LONGEST = 230
_SHORTEST_SECRET = 6
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")


class CheckReport:
    """Prints what works and counts what does not.

    Args:
        say: Takes one line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        """Nothing is wrong yet."""
        self._say = say
        self._secrets: set[str] = set()
        self.troubles: list[str] = []

    def never_show(self, values: Iterable[object]) -> None:
        """Values that are replaced wherever they stand."""
        self._secrets.update(str(value) for value in values if value and len(str(value)) >= _SHORTEST_SECRET)

    def title(self, text: str) -> None:
        """Begin a part."""
        self._say("")
        self._say(self._clean(text))

    def works(self, text: str) -> None:
        """Something works."""
        self._say(f"  ok    {self._clean(text)}")

    def note(self, text: str) -> None:
        """Something that is neither right nor wrong."""
        self._say(f"        {self._clean(text)}")

    def trouble(self, text: str) -> None:
        """Something that has to be changed, in the file or on the platform."""
        self.troubles.append(text)
        self._say(f"  WRONG {self._clean(text)}")

    def frame(self, rule: str, meaning: str, text: str) -> None:
        """A frame that came, and the rule that took it."""
        shown = self._clean(text)
        self._say(f"        <- {rule:<18} {meaning:<12} {shown}")

    def _clean(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        text = _TOKEN.sub("***", text)
        text = "".join(sign if sign.isprintable() else "?" for sign in text)
        return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def in_words(kept: Mapping[str, object]) -> str:
    """The words that an answer kept, with what they hold, in short."""
    return ", ".join(f"{word}={str(value)[:40]!r}" for word, value in kept.items()) or "nothing is kept"
