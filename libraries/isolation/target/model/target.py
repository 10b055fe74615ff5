"""The whole file: a platform under test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from isolation.target.model.messages import Complete, Correlation, FrameRequest, FrameRule, RequestTemplate
from isolation.target.model.session import Credential, Session, Tenants
from isolation.target.model.steps import Step
from isolation.target.model.surroundings import Launch, Limits, Processes, Stores, TargetWords
from isolation.target.model.terms import Address, JsonObject, Name, Part, Word
from isolation.target.model.things import Thing
from isolation.target.placeholders import names_in
from isolation.target.words import OperatorOperation


class Target(Part):
    """A platform under test.

    Attributes:
        version: Of the description.
        name: For the report.
        build: Which build of the platform it is, as whoever wrote the file says; the operator interface may say it instead.
        launch: How to start it; None when it runs already.
        doors: Addresses by name.
        credentials_file: A JSON file with secrets by name, such as ``"{line.credentials}"``.
        secrets: Names of secrets in the credentials file or the environment, by word.
        tenants: Who uses it.
        credential: What proves who somebody is.
        session: How a session lives.
        correlation: How answers belong to requests.
        frames: What frames mean.
        complete: Which parts complete a request.
        request_base: Merged below every request of the session's own kind (messages, or HTTP calls without ``connect``).
        requests: What the suite asks for, in the platform's words.
        things: What belongs to somebody.
        words: The platform's words.
        processes: How processes are found; None when they cannot be.
        operator_base: Merged below every step of ``operator``.
        operator: What whoever runs the platform can see and do.
        stores: The stores.
        limits: What it allows.
        adapter: A Python class instead of ``session``, ``correlation``, ``frames`` and the forms of ``requests``.
        source: The file; empty when it was not read from one.
    """

    version: Literal[2]
    name: Name
    build: Name | None = None
    launch: Launch | None = None
    doors: dict[Word, Address] = Field(default_factory=dict)
    credentials_file: str | None = None
    secrets: dict[Word, Name] = Field(default_factory=dict)
    tenants: Tenants
    credential: Credential | None = None
    session: Session | None = None
    correlation: Correlation | None = None
    frames: list[FrameRule] = Field(default_factory=list)
    complete: Complete | None = None
    request_base: JsonObject = Field(default_factory=dict)
    requests: dict[Word, RequestTemplate] = Field(min_length=1)
    things: dict[Word, Thing] = Field(default_factory=dict)
    words: TargetWords = Field(default_factory=TargetWords)
    processes: Annotated[Processes | None, BeforeValidator(lambda value: None if value == "none" else value)] = None
    operator_base: JsonObject = Field(default_factory=dict)
    operator: dict[OperatorOperation, Step] = Field(default_factory=dict)
    stores: Stores = Field(default_factory=Stores)
    limits: Limits = Field(default_factory=Limits)
    adapter: str | None = Field(default=None, pattern=r"^[^:\x00-\x1f]+\.py:[A-Za-z_]\w*$")
    _source: str = PrivateAttr(default="")

    @model_validator(mode="before")
    @classmethod
    def _merge_bases(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        merged = dict(data)
        session = data.get("session")
        base, requests = data.get("request_base"), data.get("requests")
        if isinstance(base, dict) and isinstance(requests, dict):
            over_http = isinstance(session, dict) and "connect" not in session
            merged["requests"] = {
                name: merge(base, request) if over_http or not _is_call(request) else request
                for name, request in requests.items()
            }
        base, steps = data.get("operator_base"), data.get("operator")
        if isinstance(base, dict) and isinstance(steps, dict):
            merged["operator"] = {name: merge(base, step) for name, step in steps.items()}
        return merged

    @classmethod
    def load(cls, folder: FilePath, name: str) -> Target:
        """Read the description of a target.

        Args:
            folder: Where the target files are.
            name: Name of a file there without its ending, or a path to a file elsewhere.

        Raises:
            TargetFileError: When there is no such target or its file holds anything impossible.
        """
        from isolation.target.reading.file import load_target

        return load_target(folder, name)

    @property
    def source(self) -> str:
        """The file that this was read from; empty when there was none."""
        return self._source

    @property
    def offers_colleagues(self) -> bool:
        """Whether a tenant can have several users: only where the file tells tenants from users."""
        return self.tenants.given is not None or "{tenant}" in self.tenants.model_dump_json()

    def ids_of(self, thing: Thing) -> tuple[Literal["given", "chosen"], ...]:
        """Who says the id of a thing that is made: the platform, the suite, or what has to be tried in this order."""
        kept = any(thing.id in (*rule.keep, *rule.append) for rule in self.frames)
        request = self.requests.get(thing.make or "")
        dumped = request.root if isinstance(request, FrameRequest) else request.model_dump() if request else None
        sent = thing.id in names_in(dumped)
        return (*(("given",) if kept or not sent else ()), *(("chosen",) if sent else ()))

    @property
    def is_http_only(self) -> bool:
        """Whether a session has no connection of its own."""
        return self.session is not None and self.session.connect is None


def merge(base: object, more: object) -> object:
    """``more`` laid over ``base``: objects are merged key by key, anything else replaces."""
    if isinstance(base, Mapping) and isinstance(more, Mapping):
        merged = dict(base)
        for key, value in more.items():
            merged[key] = merge(base[key], value) if key in base else value
        return merged
    return more


def _is_call(request: object) -> bool:
    return isinstance(request, dict) and "http" in request
