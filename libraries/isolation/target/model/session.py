"""Who uses the platform and how a session of theirs is opened, kept alive and closed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from isolation.target.model.steps import Step
from isolation.target.model.terms import (
    Address,
    Duration,
    DurationOrNone,
    Headers,
    HeaderValue,
    Name,
    Part,
    Statuses,
    When,
)


class Names(Part):
    """Which ids of users and tenants the platform takes, and which it tells apart.

    Attributes:
        signs: Characters that an id may hold beside small letters, digits and ``-``.
        case: Whether ids that differ by case only are two: only then capitals are used.
        longest: How many characters an id may have; long ids are used where this is said.
    """

    signs: str = Field(default="", max_length=40, pattern=r"^[^\x00-\x20a-zA-Z0-9-]*$")
    case: Literal["matters", "folded"] = "folded"
    longest: int | None = Field(default=None, ge=40, le=255)


class Tenants(Part):
    """Where users come from: made by steps, or given by a file.

    Attributes:
        make: Steps for each user; ``{tenant}``, ``{user}`` and ``{role}`` are there, ``keep`` adds words.
        given: A JSON file with a list of ``{"tenant", "user", ...}``; every other field is a word.
        remove: Steps that remove a user again.
        revoke: Steps that take a user's rights away while a session is open.
        most: How many users the platform can bear at a time.
        roles: The suite's roles (``standard``, ``admin``, ``restricted``) in the platform's words; None without roles.
        names: Which ids may be made up for them.
    """

    make: list[Step] = Field(default_factory=list)
    given: str | None = Field(default=None, alias="from")
    remove: list[Step] = Field(default_factory=list)
    revoke: list[Step] = Field(default_factory=list)
    most: int | None = Field(default=None, ge=2, le=100_000)
    roles: dict[Literal["standard", "admin", "restricted"], Name] | None = None
    names: Names = Field(default_factory=Names)

    @model_validator(mode="after")
    def _one_source(self) -> Tenants:
        if bool(self.make) == (self.given is not None):
            raise ValueError("users are either made by steps ('make') or listed in a file ('from')")
        return self


class BadCredential(Part):
    """How the platform shows that it does not take a credential; any of these signs counts."""

    http: Statuses | None = None
    close: Statuses | None = None
    frame: When | None = None

    @model_validator(mode="after")
    def _some_sign(self) -> BadCredential:
        if self.http is None and self.close is None and self.frame is None:
            raise ValueError(
                "say how a bad credential is refused: 'http' (status), 'close' (code) or 'frame' (condition)"
            )
        return self


class Credential(Part):
    """What proves who a user is.

    Attributes:
        kind: What it is.
        required: Claims without which a token must be refused.
        leeway: How long after its end a token may still be taken.
        rules: What the platform checks beyond the token itself: a good signature under a claim that breaks a rule is bad.
        bad: How a bad one is refused.
    """

    kind: Literal["jwt", "opaque", "cookie"]
    required: list[Name] = Field(default_factory=list)
    leeway: DurationOrNone = 60.0
    rules: list[Literal["one tenant per user", "known roles only"]] = Field(default_factory=list)
    bad: BadCredential


class Connect(Part):
    """The connection of a session: a WebSocket or socket.io.

    Attributes:
        websocket: Address of the WebSocket.
        socketio: Address of the socket.io server.
        headers: Headers of the handshake.
        query: Added to the address.
        subprotocols: Offered in the handshake.
        cookies: Sent with the handshake.
        path: Where the socket.io server is mounted.
        namespace: Namespace of socket.io.
        auth: What socket.io's ``connect`` carries.
    """

    websocket: Address | None = None
    socketio: Address | None = None
    headers: Headers = Field(default_factory=dict)
    query: dict[str, str] = Field(default_factory=dict)
    subprotocols: list[HeaderValue] = Field(default_factory=list)
    cookies: dict[str, HeaderValue] = Field(default_factory=dict)
    path: str = "socket.io"
    namespace: str = "/"
    auth: dict[str, JsonValue] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Connect:
        if (self.websocket is None) == (self.socketio is None):
            raise ValueError(
                "a session connects either by 'websocket' or by 'socketio'; leave 'connect' out for HTTP only"
            )
        return self


class Beat(Part):
    """A frame that the client has to send now and then: every so often, or when a frame asks for it."""

    every: Duration | None = None
    on: When | None = None
    send: JsonValue

    @model_validator(mode="after")
    def _one_reason(self) -> Beat:
        if (self.every is None) == (self.on is None):
            raise ValueError("a beat is sent either 'every' so often or 'on' a frame")
        return self


class Events(Part):
    """A stream of server-sent events on which answers arrive when not where they were asked."""

    sse: Address
    headers: Headers = Field(default_factory=dict)


class Session(Part):
    """How a session begins, lives and ends.

    Attributes:
        open: Steps before connecting.
        connect: The connection, or None when every request is an HTTP call.
        first: Frames to send after connecting.
        ready: When it can be used: a frame that means ``ready`` came, the connection stands, or ``ping`` was answered.
        beat: What keeps it alive.
        close: Steps after the connection was closed.
        events: Where answers arrive, if elsewhere.
    """

    open: list[Step] = Field(default_factory=list)
    connect: Connect | None = None
    first: list[JsonValue] = Field(default_factory=list)
    ready: Literal["frame", "connected", "answered"] = "connected"
    beat: Beat | None = None
    close: list[Step] = Field(default_factory=list)
    events: Annotated[Events | None, BeforeValidator(lambda value: None if value == "as connect" else value)] = None
