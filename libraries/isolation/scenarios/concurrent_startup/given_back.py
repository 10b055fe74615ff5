"""The text of a request that its answer gives back: in a field of its own, or somewhere in the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from isolation.target.needs import Needs
from isolation.target.words import Kept

GIVES_BACK = Needs(any_kept=(Kept.ECHO, Kept.ANSWER))
"""What an answer has to keep, so that it can be seen whose it is."""
_MARKED = re.compile(r"[\w.:@-]+ (?:says|said) [0-9a-f]{32}")


def marked(user: str, number: str) -> str:
    """A text that only one request has; what it looks like is known, so that it is found in anybody's answer.

    Args:
        user: Id of who says it.
        number: 32 hexadecimal digits that nothing else has.
    """
    return f"{user} says {number}"


def given_back(kept: Mapping[str, object], text: str) -> str | None:
    """The text that an answer gives back.

    Args:
        kept: What the answer keeps.
        text: What its request carried.

    Returns:
        Its echo; else the own text, or else another request's, which stands in the answer; None where it holds none of that: an
        answer in words of its own says nothing of whose it is.
    """
    if Kept.ECHO in kept:
        return str(kept[Kept.ECHO])
    answer = kept.get(Kept.ANSWER)
    said = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, default=str)
    if text in said:
        return text
    other = _MARKED.search(said)
    return other.group() if other is not None else None
