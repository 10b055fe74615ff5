"""A session that notes every frame together with the rule that took it, and which rules and paths never did anything."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.session.access import Access
from isolation.drive.session.opening import FrameLog
from isolation.drive.session.session import Session
from isolation.target.interpreter import ReadFrame
from isolation.target.interpreter.frames import HEADERS
from isolation.target.model import Target
from isolation.target.reading.yaml_lines import LinedYaml, UnreadableYaml, read_lined_yaml
from isolation.target.words import Meaning


@dataclass(slots=True)
class Rules:
    """How often each rule and each of its words was found, over all sessions of a check."""

    target: Target
    taken: Counter[int] = field(default_factory=Counter)
    found: Counter[tuple[int, str]] = field(default_factory=Counter)
    lines: LinedYaml | None = None

    def __post_init__(self) -> None:
        """Read the lines of the file again, for what is printed."""
        try:
            self.lines = read_lined_yaml(Path(self.target.source))
        except UnreadableYaml:
            self.lines = None

    def name(self, rule: int) -> str:
        """A rule with its line."""
        if self.target.adapter is not None:
            return "the adapter"
        if rule < 0:
            return "no rule"
        line = self.lines.line_of(("frames", rule)) if self.lines else 0
        return f"rule {rule + 1}" + (f" (line {line})" if line else "")

    def count(self, read: ReadFrame) -> None:
        """Note what a frame was taken for."""
        self.taken[read.rule] += 1
        for word in (*read.kept, *read.appended):
            self.found[read.rule, word] += 1

    def empty_paths(self) -> Iterator[str]:
        """Words that were never found although their rule took frames."""
        for number, rule in enumerate(self.target.frames):
            for word, path in (*rule.keep.items(), *rule.append.items()):
                if self.taken[number] and not self.found[number, word]:
                    yield f"{self.name(number)} keeps '{word}' from '{path}': nothing stood there in {self.taken[number]} frames"

    def idle(self) -> Iterator[str]:
        """Rules that took no frame."""
        for number in range(len(self.target.frames)):
            if not self.taken[number]:
                yield self.name(number)


class SeenSession(Session):
    """A session whose frames are noted.

    Args:
        agent: Whose.
        name: The suite's own name of it.
        access: The way to the target.
        rules: Counts what took what.
    """

    __slots__ = ("_rules", "seen")

    def __init__(self, agent: TenantAgent, name: str, access: Access, rules: Rules) -> None:
        """Prepare a session; ``open`` connects it."""
        super().__init__(agent, name, access, FrameLog())
        self._rules = rules
        self.seen: list[tuple[ReadFrame, str]] = []

    def heard(self, data: bytes, at: float) -> None:
        """A message arrived."""
        self._note(self._access.interpreter.read(data), data.decode("utf-8", "replace"))
        super().heard(data, at)

    def received(self, frame: object, data: bytes, at: float, stream: str = "") -> None:
        """Something else arrived."""
        shown = {key: value for key, value in frame.items() if key != HEADERS} if isinstance(frame, dict) else frame
        self._note(self._access.interpreter.read_frame(frame), json.dumps(shown, default=str, ensure_ascii=False))
        super().received(frame, data, at, stream)

    def understood(self, frame: ReadFrame, data: bytes, at: float) -> None:
        """Something arrived that the adapter has read."""
        self._note(frame, data.decode("utf-8", "replace"))
        super().understood(frame, data, at)

    def take_seen(self) -> list[tuple[ReadFrame, str]]:
        """The frames since the last time."""
        seen, self.seen = self.seen, []
        return seen

    def _note(self, read: ReadFrame, text: str) -> None:
        self._rules.count(read)
        self.seen.append((read, text))


def is_undescribed(read: ReadFrame) -> bool:
    """Whether no rule took a frame, and no rule of HTTP did."""
    return read.rule < 0 and read.meaning is Meaning.OTHER
