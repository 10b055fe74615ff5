"""Things: whatever belongs to somebody on the platform, and the requests that reach it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue, model_validator

from isolation.target.model.terms import Address, Name, Part, Word


class FromOpenApi(Part):
    """Every operation of an OpenAPI document that takes the id of the thing is a way to reach it."""

    url: Address
    parameter: Name


class Thing(Part):
    """Something that has an owner: a thread, a run, a session, a kernel, a file, a memory ...

    Attributes:
        id: The word that holds its id; a request keeps it, or the suite chooses it.
        owner: Whose it is; a thing of a tenant may be used by all of its users.
        made_by: ``session.open`` or ``tenants.make`` when it comes with a session or a user.
        make: Request that makes one.
        look: Request that shows it.
        listing: Request that lists the own ones (``list`` in the file).
        change: Request that changes it.
        remove: Request that removes it.
        subscribe: Request that asks to be told of it.
        reach: Further requests that take its id.
        administrators: Requests with which an administrator of the same tenant may reach things of others.
        content: The argument of ``make`` and ``change`` that carries what it holds.
        lasts: ``session`` when it may go with the user's last session; it then need not survive a new connection or a restart.
        each: Words with all of their values: the thing is examined with each of them.
        arguments: Words with one value, the same for every request.
        from_openapi: More requests from an OpenAPI document.
    """

    id: Word
    owner: Literal["user", "tenant"] = "user"
    made_by: Literal["session.open", "tenants.make"] | None = None
    make: Word | None = None
    look: Word | None = None
    listing: Word | None = Field(default=None, alias="list")
    change: Word | None = None
    remove: Word | None = None
    subscribe: Word | None = None
    reach: list[Word] = Field(default_factory=list)
    administrators: list[Word] = Field(default_factory=list)
    content: Word = "text"
    lasts: Literal["always", "session"] = "always"
    each: dict[Word, list[JsonValue]] = Field(default_factory=dict)
    arguments: dict[Word, JsonValue] = Field(default_factory=dict)
    from_openapi: FromOpenApi | None = None

    @model_validator(mode="after")
    def _made(self) -> Thing:
        if (self.make is None) == (self.made_by is None):
            raise ValueError(
                "a thing is either made by a request ('make') or comes with a session or a user ('made_by')"
            )
        return self

    def requests(self) -> tuple[str, ...]:
        """Every request of the file that this thing names."""
        named = (self.make, self.look, self.listing, self.change, self.remove, self.subscribe)
        return tuple(dict.fromkeys([*filter(None, named), *self.reach, *self.administrators]))
