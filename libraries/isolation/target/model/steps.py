"""Steps: one thing to do outside of a session (a call, a command, a token, an exchange) and what to take from its answer."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, JsonValue, Tag, WithJsonSchema, field_validator

from isolation.target.model.terms import (
    STATUSES,
    Address,
    Duration,
    Headers,
    JsonObject,
    Keep,
    Part,
    Path,
    Paths,
    Regex,
    When,
    Word,
)

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Algorithm = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]


def _expected(value: object) -> object:
    if isinstance(value, int):
        return {"$status": [value]}
    if isinstance(value, list):
        return {"$status": value}
    return value


class AnswerTerms(Part):
    """What is done with the answer of a step.

    Attributes:
        expect: What the answer must be (a status, several, or a condition); else the step has failed.
        keep: Words to take from the answer, or with ``rows`` from each of them.
        until: Repeat the step until its answer is so.
        within: How long the step, with all repetitions, may take.
        every: Pause between two repetitions.
        rows: Path to the rows of the answer (``list`` in the file): a list, or an object whose keys are ``$key``.
        where: Only rows that are so.
        code: Where the reason stands when the answer is not as expected.
    """

    expect: Annotated[
        When | None,
        BeforeValidator(_expected),
        WithJsonSchema({"anyOf": [STATUSES, {"type": "object", "minProperties": 1}]}),
    ] = None
    keep: Keep = Field(default_factory=dict)
    until: When | None = None
    within: Duration = 30.0
    every: Duration = 0.25
    rows: Path | None = Field(default=None, alias="list")
    where: When | None = None
    code: Paths | None = None


class HttpStep(AnswerTerms):
    """An HTTP call. Without ``expect`` every status from 200 to 299 is right."""

    http: Method
    url: Address
    headers: Headers = Field(default_factory=dict)
    query: dict[str, JsonValue] = Field(default_factory=dict)
    json_body: JsonValue = Field(default=None, alias="json")
    form: dict[str, JsonValue] | None = None
    text: str | None = None


class CommandStep(AnswerTerms):
    """A command; its standard output is the answer (as JSON where it is JSON, else ``$text``), its exit code ``$status``.

    Attributes:
        command: Program and arguments.
        environment: Variables that are added to the suite's own.
    """

    command: list[str] = Field(min_length=1)
    environment: dict[str, str] = Field(default_factory=dict)


class JwtRecipe(Part):
    """How a token is made. ``iat``, ``nbf``, ``exp`` and ``jti`` are added; a claim that is null is left out.

    Attributes:
        algorithm: How it is signed.
        key: ``"{name}"`` of a secret: the key, a PEM text, a JWK or JWKS, or the path of a file with one of them.
        kid: Which key of a JWKS, and the header ``kid`` of the token.
        claims: The claims.
        headers: More headers of the token.
        lifetime: How long it is valid.
        word: The word that holds the token.
    """

    algorithm: Algorithm
    key: str
    kid: str | None = None
    claims: JsonObject
    headers: JsonObject = Field(default_factory=dict)
    lifetime: Duration = 3600.0
    word: Word = "token"


class JwtStep(Part):
    """A token that the suite makes itself."""

    jwt: JwtRecipe


class WebSocketStep(AnswerTerms):
    """One message and its answer, on a connection that stays open for all steps of the same address and headers.

    Attributes:
        websocket: Where.
        headers: Headers of the handshake.
        send: The message; ``{id}`` is a fresh number.
        answer: Which message answers it; without, the next one.
    """

    websocket: Address
    headers: Headers = Field(default_factory=dict)
    send: JsonValue
    answer: When | None = None


class FileStep(AnswerTerms):
    """Lines of a file as rows: each line that the expression matches is a row of its named groups, with ``$line``.

    Attributes:
        file: Path, or ``"{name}"`` of a secret.
        lines: Regular expression with named groups.
    """

    file: str
    lines: Regex

    @field_validator("lines")
    @classmethod
    def _named(cls, lines: str) -> str:
        if not re.compile(lines).groupindex:
            raise ValueError("a line is taken apart by named groups, such as '(?P<tenant>\\S+)'")
        return lines


class PrometheusStep(AnswerTerms):
    """Samples of a Prometheus text as rows: one for each value of the labels ``by``, holding labels and metrics by name.

    Samples of one metric that differ in other labels only are added up.
    """

    prometheus: Address
    headers: Headers = Field(default_factory=dict)
    by: list[str] = Field(min_length=1)


_KINDS = ("http", "command", "jwt", "websocket", "file", "prometheus")


def _kind(value: object) -> str | None:
    if isinstance(value, dict):
        return next((f"<{kind}>" for kind in _KINDS if kind in value), None)
    return next((f"<{kind}>" for kind in _KINDS if hasattr(value, kind)), None)


Step = Annotated[
    Annotated[HttpStep, Tag("<http>")]
    | Annotated[CommandStep, Tag("<command>")]
    | Annotated[JwtStep, Tag("<jwt>")]
    | Annotated[WebSocketStep, Tag("<websocket>")]
    | Annotated[FileStep, Tag("<file>")]
    | Annotated[PrometheusStep, Tag("<prometheus>")],
    Discriminator(
        _kind,
        custom_error_type="step",
        custom_error_message=f"a step is an object with one of {', '.join(_KINDS)}",
    ),
]
