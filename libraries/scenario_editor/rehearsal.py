"""A rehearsal of one sentence: its keyword is called as in a run, but what it asks for is only noted. No platform is needed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from robot.libraries.BuiltIn import RobotNotRunningError
from robot.running import TypeInfo  # type: ignore[import-untyped]  # no type information there

from isolation.settings.units import UnitError
from robot_support.phrases.quantities import CONVERTERS
from scenario_editor.book import Call, Place, Sentence


class Mistake(Exception):
    """What is wrong with a step, in one sentence that says what would be right."""


@dataclass(slots=True)
class Rehearsed:
    """What a sentence would do.

    Attributes:
        stated: Limits that it states, by their name in the catalogue.
        subject: What else it names, such as a tenant.
        scenario: The experiment that it carries out; None for a claim, or when only a run could say.
        options: What it tells the experiment.
        record: The kind of record that it makes, or needs; None when that is not said.
        records: Whether it carries an experiment out.
    """

    stated: dict[str, float] = field(default_factory=dict)
    subject: dict[str, Any] = field(default_factory=dict)
    scenario: Callable[..., Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    record: Any = None
    records: bool = False


def rehearse(sentence: Sentence, values: tuple[str, ...]) -> Rehearsed:
    """Say a sentence without a platform.

    Args:
        sentence: Of the phrase book.
        values: What stands in its places.

    Raises:
        Mistake: A value cannot be meant.
    """
    given = {place.name: converted(place, value) for place, value in zip(sentence.places, values, strict=True)}
    done = Rehearsed(records=sentence.records)
    for call in sentence.calls:
        _perform(call, given, done)
    return done


def converted(place: Place, value: str) -> Any:
    """A value as the keyword gets it.

    Raises:
        Mistake: It is none.
    """
    if place.words and _plain(value) not in map(_plain, place.words):
        raise Mistake(f"'{value}' cannot stand for [{place.name}]: write one of {', '.join(place.words)}.")
    try:
        if place.hint in CONVERTERS:
            return CONVERTERS[place.hint](value)  # type: ignore[call-arg]  # those of this project take the text alone
        if place.hint is None:
            return value
        return TypeInfo.from_type_hint(place.hint).convert(value, place.name)
    except UnitError as error:
        raise Mistake(f"{error}.") from None
    except ValueError:
        raise Mistake(f"'{value}' cannot stand for [{place.name}]: write {place.asks_for}.") from None


def _perform(call: Call, given: Mapping[str, Any], done: Rehearsed) -> None:
    """Call the method of a library whose two doors to the platform only take notes."""
    library = call.library()

    def claim(judge: Callable[..., Any], stated: Mapping[str, float] | None = None, **rest: Any) -> None:
        done.stated |= stated or {}
        done.subject |= {name: value for name, value in rest.items() if name not in ("needs", "figure")}
        done.record = done.record or _hints(judge).get("record")

    def experiment(scenario: Callable[..., Any], needs: object, **options: Any) -> None:
        done.scenario, done.options, done.record = scenario, options, _hints(scenario).get("return")

    library.claim, library.experiment = claim, experiment
    function = getattr(library, call.method)
    arguments = [_value(function, position, text, given) for position, text in enumerate(call.arguments)]
    # What asks for a run that is open says nothing about the sentence.
    with contextlib.suppress(RobotNotRunningError):
        function(*arguments)


def _value(function: Callable[..., Any], position: int, text: str, given: Mapping[str, Any]) -> Any:
    if text.startswith("${") and text.endswith("}"):
        return given.get(text[2:-1], text)
    names = [name for name in _hints(function) if name != "return"]
    hint = _hints(function).get(names[min(position, len(names) - 1)]) if names else None
    return CONVERTERS[hint](text) if hint in CONVERTERS else text  # type: ignore[call-arg]


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except NameError:  # a name that is only known to type checkers
        return {}


def _plain(word: str) -> str:
    return word.replace(" ", "").replace("_", "").lower()
