"""What travels in a session: requests, frames, how they belong together."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, JsonValue, RootModel, Tag, model_validator

from isolation.target.model.steps import Method
from isolation.target.model.terms import Address, Duration, Headers, Keep, Name, Part, Path, Paths, When, Word
from isolation.target.words import Meaning


class Correlation(Part):
    """How an answer is tied to its request.

    Attributes:
        by: The request's own id comes back; the server gives an id; the answer comes in the request's own stream; or in order.
        read: Where the id stands in a frame.
        first: Where the id stands in the frame that gives it, when elsewhere.
        ids: What the ids of requests are.
        owner: Where a frame names the user whom it belongs to.
        whose: The word with which the owner is compared.
    """

    by: Literal["echoed", "assigned", "stream", "order"]
    read: Paths | None = None
    first: Path | None = None
    ids: Literal["text", "integer"] = "text"
    owner: Path | None = None
    whose: Name | None = Field(default=None, alias="is")

    @model_validator(mode="after")
    def _complete(self) -> Correlation:
        if self.by in ("echoed", "assigned") and self.read is None:
            raise ValueError(f"'by: {self.by}' needs 'read', the path of the id in a frame")
        if (self.owner is None) != (self.whose is None):
            raise ValueError("'owner' (a path) and 'is' (a word such as user) go together")
        return self


class FrameRule(Part):
    """What a frame means; the first rule that fits decides.

    Attributes:
        when: Which frames.
        means: What they mean.
        keep: Words to take from it.
        append: Words to which the found text is added (answers that come in pieces).
        code: Where the reason of a refusal stands.
        part: Which part of a completion it is.
        kinds: The requests that it can belong to (``for`` in the file), where frames without an id would be ambiguous.
    """

    when: When
    means: Meaning
    keep: Keep = Field(default_factory=dict)
    append: Keep = Field(default_factory=dict)
    code: Paths | None = None
    part: Name | None = None
    kinds: list[Word] = Field(default_factory=list, alias="for")

    @model_validator(mode="after")
    def _part(self) -> FrameRule:
        if (self.means is Meaning.PART) != (self.part is not None):
            raise ValueError("'means: part' and 'part: NAME' go together")
        return self


class Complete(Part):
    """Which parts together complete a request."""

    all: list[Name] = Field(min_length=1)


class Poll(Part):
    """Ask again until the answer is there.

    Attributes:
        url: Where to ask; ``keep`` of the first answer fills it.
        headers: Headers of the call; those of the request when not given.
        until: When the answer is there.
        every: Pause between two calls.
        keep: Words from the first answer, such as the id of a job.
    """

    url: Address
    headers: Headers | None = None
    until: When
    every: Duration = 0.25
    keep: Keep = Field(default_factory=dict)


class PollAnswer(Part):
    """The answer has to be fetched."""

    poll: Poll


AnswerMode = Literal["json", "sse", "events"] | PollAnswer


class HttpRequest(Part):
    """A request that is an HTTP call.

    Attributes:
        http: Method.
        url: Where.
        headers: Headers.
        query: Added to the address.
        json_body: Body as JSON.
        form: Body as a form.
        text: Body as it is.
        answer: How the answer comes; None: server-sent events where the server says so, else one body.
    """

    http: Method
    url: Address
    headers: Headers = Field(default_factory=dict)
    query: dict[str, JsonValue] = Field(default_factory=dict)
    json_body: JsonValue = Field(default=None, alias="json")
    form: dict[str, JsonValue] | None = None
    text: str | None = None
    answer: AnswerMode | None = None


class EmitRequest(Part):
    """A request that is a socket.io event.

    Attributes:
        emit: Name of the event.
        data: What it carries.
        acknowledged: Whether the server's acknowledgement is the answer (a frame with ``event: $ack``).
    """

    emit: Name
    data: JsonValue = None
    acknowledged: bool = False


class FrameRequest(RootModel[JsonValue]):
    """A request that is one WebSocket message: an object or a list as JSON, a text as it is."""


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "<http>" if "http" in value else "<emit>" if "emit" in value else "<frame>"
    return "<http>" if isinstance(value, HttpRequest) else "<emit>" if isinstance(value, EmitRequest) else "<frame>"


RequestTemplate = Annotated[
    Annotated[HttpRequest, Tag("<http>")]
    | Annotated[EmitRequest, Tag("<emit>")]
    | Annotated[FrameRequest, Tag("<frame>")],
    Discriminator(_kind),
]
