"""The promises: what the suite must prove, by id."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from isolation.record import Comparison, Limit
from isolation.settings.errors import SettingsError, in_one_sentence, read_yaml

EVERY = "every"
"""The rule that holds for all promises."""


class PromiseLimit(BaseModel):
    """One limit of a promise, as the catalogue file writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    comparison: Comparison
    value: float = Field(strict=True, allow_inf_nan=False)
    unit: str = Field(min_length=1)
    source: str = Field(min_length=1)


class Headline(BaseModel):
    """The number that a reader wants to see first.

    Attributes:
        metric: Its name among the measurements, with ``*`` for what varies; of several names the first that was measured counts.
        shown_as: Unit in which people say it, such as ``% slower`` for a ratio; empty for the unit in which it was measured.
        counted: What its samples are, such as ``pairs``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: tuple[str, ...] = Field(min_length=1)
    shown_as: str = ""
    counted: str = "samples"

    @field_validator("metric", mode="before")
    @classmethod
    def _one_or_several(cls, names: object) -> object:
        return (names,) if isinstance(names, str) else names


class Promise(BaseModel):
    """One promise of the contract.

    Attributes:
        id: Such as ``RI-4``.
        title: A few words.
        statement: What is promised, in one sentence.
        method: How it is measured, in a few sentences.
        headline: The number that a reader wants to see first.
        controls: Ids in ``controls.yaml`` of what it is evidence for.
        limits: Its limits by name, those of its rules among them.
        rules: Names of sets of limits that it shares with other promises; its own limits go before.
        about: Whose promise it is: the platform's, or the suite's own, which accuses no platform.
        shown_by: What decides it, when no single run can: tests of the suite itself, or several runs together.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^(RI|CS|AR|TM|OP)-\d{1,2}$")
    title: str = Field(min_length=1)
    statement: str = Field(min_length=1)
    method: str = ""
    headline: Headline | None = None
    controls: tuple[str, ...] = ()
    limits: dict[str, PromiseLimit] = Field(default_factory=dict)
    rules: tuple[str, ...] = ()
    about: Literal["platform", "suite"] = "platform"
    shown_by: str = ""

    @field_validator("statement")
    @classmethod
    def _one_line(cls, text: str) -> str:
        return " ".join(text.split())

    def limit(self, name: str, value: float | None = None, source: str | None = None) -> Limit:
        """One limit by name.

        Args:
            name: Its name in the catalogue.
            value: Another value, when a scenario states its own.
            source: Where that other value comes from.

        Raises:
            SettingsError: When the promise has no limit of that name.
        """
        found = self.limits.get(name)
        if found is None:
            raise SettingsError(f"{self.id} has no limit '{name}'; it has {', '.join(sorted(self.limits)) or 'none'}")
        if value is None or value == found.value:
            return Limit(**found.model_dump())
        own = source or "the scenario"
        return Limit(value=value, unit=found.unit, comparison=found.comparison, source=own, contract=found.value)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: dict[str, dict[str, PromiseLimit]] = Field(default_factory=dict)
    promises: list[Promise]

    def with_rules(self, promise: Promise) -> Promise:
        """The promise with the limits of its rules.

        Raises:
            SettingsError: When there is no such rule.
        """
        if unknown := [name for name in promise.rules if name not in self.rules]:
            raise SettingsError(f"{promise.id} names no rule '{unknown[0]}'; there are {', '.join(self.rules)}")
        shared = [self.rules.get(EVERY, {}), *(self.rules[name] for name in promise.rules)]
        limits = {name: limit for rule in (*shared, promise.limits) for name, limit in rule.items()}
        return promise.model_copy(update={"limits": limits})


class Catalogue:
    """All promises, in the order of the file."""

    def __init__(self, promises: list[Promise]) -> None:
        """Keep the promises.

        Raises:
            SettingsError: When an id stands twice.
        """
        self.promises = tuple(promises)
        self._by_id = {promise.id: promise for promise in promises}
        if len(self._by_id) != len(promises):
            raise SettingsError("the promise catalogue holds an id twice")

    @property
    def of_a_run(self) -> tuple[Promise, ...]:
        """The promises that every run has to decide; one without a test is NOT PROVEN."""
        return tuple(promise for promise in self.promises if not promise.shown_by)

    @property
    def of_the_suite(self) -> tuple[Promise, ...]:
        """The promises about the suite itself that are shown elsewhere than in a run."""
        return tuple(promise for promise in self.promises if promise.shown_by)

    def __getitem__(self, promise_id: str) -> Promise:
        """The promise of that id.

        Raises:
            SettingsError: When there is none.
        """
        try:
            return self._by_id[promise_id]
        except KeyError:
            raise SettingsError(f"there is no promise '{promise_id}' in the catalogue") from None

    def __contains__(self, promise_id: str) -> bool:
        """Whether there is a promise of that id."""
        return promise_id in self._by_id

    @classmethod
    def load(cls, path: Path) -> Catalogue:
        """Read the catalogue file.

        Raises:
            SettingsError: When it cannot be read or holds anything impossible.
        """
        try:
            file = _File.model_validate(read_yaml(path))
        except ValidationError as error:
            raise in_one_sentence(error, str(path), _File) from None
        return cls([file.with_rules(promise) for promise in file.promises])
