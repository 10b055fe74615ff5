"""The phrase book as one page, in the manner of a book: subjects, sentences, what may stand in their places, what they stand on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined
from markupsafe import Markup
from robot.api import TestSuite as Suite

from isolation.show.numbers import limit_words
from robot_support import run as runs
from robot_support.phrases.stated_limits import contract_limits
from robot_support.suite_files.file_under_test import promises_of
from robot_support.suite_files.left_out import SUITES
from scenario_editor.book import Chapter, Place, Sentence, phrase_book
from scenario_editor.check import fits, rehearse_example, said_by
from scenario_editor.rehearsal import rehearse

_TEMPLATES = Path(__file__).resolve().parents[2] / "resources" / "report"


@dataclass(frozen=True, slots=True)
class Entry:
    """One sentence, ready for the template.

    Attributes:
        pieces: The sentence in pieces: words, and places.
        says: What it means.
        example: As it stands in a scenario.
        places: Its places, each once.
        limits: What it may be stricter than, such as ``RI-3: leak named ≤ 60 s``.
        stands_on: The experiments that it can say something about.
        promises: What it stands for in the project's own suites.
    """

    pieces: tuple[str | Place, ...]
    says: str
    example: str
    places: tuple[Place, ...]
    limits: tuple[str, ...]
    stands_on: tuple[str, ...]
    promises: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentence with places in brackets."""
        return "".join(piece if isinstance(piece, str) else f"[{piece.name}]" for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Subject:
    """One chapter, ready for the template."""

    chapter: Chapter
    anchor: str
    title: str
    experiments: tuple[Entry, ...]
    claims: tuple[Entry, ...]

    def needs_more_than_its_own(self, entry: Entry) -> bool:
        """Whether a claim stands on other setups than those of its own chapter."""
        return {*entry.stands_on} != {one.text for one in self.experiments}


def book_page() -> str:
    """The page as HTML without any external resource."""
    templates = Templates(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (_TEMPLATES / "phrase_book.css").read_text(encoding="utf-8")
    return templates.get_template("phrase_book.html.j2").render(subjects=subjects(), style=Markup(style))


def subjects() -> tuple[Subject, ...]:
    """All chapters that have sentences."""
    everything = [sentence for chapter in phrase_book() for sentence in chapter.sentences]
    made = {sentence.shown: rehearse_example(sentence) for sentence in everything if sentence.records}
    found = []
    for chapter in phrase_book():
        entries = {sentence: _entry(sentence, made) for sentence in chapter.sentences}
        title = Path(chapter.file).stem.replace("_", " ").capitalize()
        found.append(
            Subject(
                chapter,
                chapter.file.removesuffix(".resource").replace("/", "-"),
                title,
                tuple(entry for sentence, entry in entries.items() if sentence.records),
                tuple(entry for sentence, entry in entries.items() if not sentence.records),
            )
        )
    return tuple(subject for subject in found if subject.chapter.sentences)


def _entry(sentence: Sentence, made: Mapping[str, object]) -> Entry:
    promises = _stands_for().get(sentence.text, ())
    values = sentence.values(said_by(sentence))
    done = rehearse(sentence, values) if values is not None else None
    limits = [
        f"{promise}: {name} {limit_words(limit)}"
        for promise in promises
        for name, limit in contract_limits(promise).by_name.items()
        if done is not None and name in done.stated
    ]
    needed = done.record if done is not None and not done.records else None
    known = ((text, record) for text, record in made.items() if isinstance(record, type) and isinstance(needed, type))
    on = [text for text, record in known if fits(record, needed)]
    return Entry(
        pieces=_pieces(sentence),
        says=sentence.says,
        example=sentence.example,
        places=tuple({place.name: place for place in sentence.places}.values()),
        limits=tuple(limits),
        stands_on=tuple(on),
        promises=promises,
    )


def _pieces(sentence: Sentence) -> tuple[str | Place, ...]:
    """The sentence cut at its places."""
    pieces: list[str | Place] = []
    rest = sentence.shown
    for place in sentence.places:
        before, _, rest = rest.partition(f"[{place.name}]")
        pieces += [before, place]
    return tuple(piece for piece in [*pieces, rest] if piece)


@cache
def _stands_for() -> Mapping[str, tuple[str, ...]]:
    """For which promises each sentence stands in the project's own suites."""
    everything = [sentence for chapter in phrase_book() for sentence in chapter.sentences]
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for test in Suite.from_file_system(SUITES).all_tests if SUITES.is_dir() else ():
        promises = [p for p in promises_of(str(test.metadata.get("Promise", ""))) if p in runs.catalogue()]
        for step in test.body:
            text = said_by(getattr(step, "name", ""))
            for sentence in everything:
                if sentence.values(text) is not None:
                    found[sentence.text] |= dict.fromkeys(promises)
    return {text: tuple(promises) for text, promises in found.items()}
