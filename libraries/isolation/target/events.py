"""The platform's own names of events, by what they mean: what its frames' rules compare with."""

from __future__ import annotations

from isolation.target.model import FrameRule, Target
from isolation.target.words import Kept, Meaning

FINAL = (Meaning.ANSWERED, Meaning.REFUSED, Meaning.CANCELLED, Meaning.PONG)


def events_meaning(target: Target, *meanings: Meaning) -> set[str]:
    """Names of the events that mean one of these; only rules that keep the word ``event`` name events."""
    return {name for rule in target.frames if rule.means in meanings for name in _names(rule)}


def _names(rule: FrameRule) -> list[str]:
    matcher = rule.when.get(rule.keep.get(Kept.EVENT, ""))
    values = matcher if isinstance(matcher, list) else [matcher]
    return [value for value in values if isinstance(value, str) and value not in ("present", "absent")]
