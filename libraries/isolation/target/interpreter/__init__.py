"""The interpreter of target files: pure translation between the suite's words and a platform's."""

from __future__ import annotations

from collections.abc import Mapping

from isolation.target.interpreter import frames
from isolation.target.interpreter.correlator import Belonging, Correlator
from isolation.target.interpreter.outgoing import Call, Emit, Message, Outgoing, Sender, UnknownRequest, Words
from isolation.target.interpreter.reading import Reader, ReadFrame
from isolation.target.interpreter.steps import (
    CommandRun,
    Exchange,
    FileToRead,
    FilledStep,
    HttpCall,
    Reply,
    StepResult,
    StepState,
    TokenToSign,
    fill_step,
    judge_reply,
)
from isolation.target.model import Target

__all__ = [
    "Belonging",
    "Call",
    "CommandRun",
    "Correlator",
    "Emit",
    "Exchange",
    "FileToRead",
    "FilledStep",
    "HttpCall",
    "Interpreter",
    "Message",
    "Outgoing",
    "ReadFrame",
    "Reply",
    "StepResult",
    "StepState",
    "TokenToSign",
    "UnknownRequest",
    "fill_step",
    "judge_reply",
]


class Interpreter:
    """Translates for one target.

    Args:
        doors: The addresses by name, as they are now.
        secrets: The secrets by word.
    """

    def __init__(
        self, target: Target, doors: Mapping[str, str] | None = None, secrets: Mapping[str, str] | None = None
    ) -> None:
        """Compile the rules and prepare the requests."""
        self.target = target
        self._reader = Reader(target)
        self._sender = Sender(target, doors or {}, secrets or {})
        self.quick = self._sender.quick
        """See ``Sender.quick``."""

    def outgoing(self, kind: str, correlation_id: str, words: Words) -> Outgoing:
        """A request in the platform's words; see ``Sender.outgoing``."""
        return self._sender.outgoing(kind, correlation_id, words)

    def read(self, data: str | bytes) -> ReadFrame:
        """What a WebSocket message means; never fails."""
        return self._reader.read(frames.message(data))

    def read_frame(self, frame: object) -> ReadFrame:
        """What anything else that was received means (see ``frames`` for its form); never fails."""
        return self._reader.read(frame)

    def correlator(self, words: Mapping[str, str]) -> Correlator:
        """What ties the frames of one session to its requests; ``words`` are those of its user."""
        return Correlator(self.target, dict(words))
