"""Checks scenarios without a platform: every mistake is one sentence that says where it is, what it is, and what would be right."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robot.api import TestSuite as Suite
from robot.api import get_model
from robot.api.parsing import ModelVisitor
from robot.errors import DataError  # type: ignore[import-untyped]  # no type information there

from isolation.settings.profile import Profile
from robot_support import run as runs
from robot_support.failures import CouldNotBeExamined
from robot_support.phrases.stated_limits import contract_limits, stated_limits
from robot_support.suite_files.file_under_test import promises_of
from robot_support.suite_files.left_out import SUITES
from scenario_editor.book import OF_TENANTS, Sentence, from_project, phrase_book, reachable
from scenario_editor.rehearsal import Mistake, Rehearsed, rehearse

_PREFIX = re.compile(r"^(given|when|then|and|but)\s+", re.IGNORECASE)
_NEAR = 0.5
_SETUP = "add a line 'Suite Setup    ...' to the settings"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A mistake and its place."""

    file: str
    line: int
    says: str

    def __str__(self) -> str:
        """As editors and terminals know it."""
        return f"{self.file}:{self.line}: {self.says}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked.

    Attributes:
        findings: The mistakes, by file and line.
        tests: How many tests there are.
        steps: How many steps they have.
    """

    findings: tuple[Finding, ...]
    tests: int
    steps: int


def check(path: Path, profile: str = "quick") -> Checked:
    """Check a scenario file, or all in a folder.

    Args:
        path: The file or folder.
        profile: Says how many tenants there are.

    Raises:
        ValueError: There is nothing that could be checked; one sentence.
    """
    try:
        suite = Suite.from_file_system(path)
    except DataError as error:
        raise ValueError(str(error).replace("\n", " ")) from None
    scale = Profile.load(runs.RESOURCES / "profiles", profile)
    files = [part for part in _all(suite) if part.source and Path(part.source).suffix == ".robot" and part.tests]
    findings: list[Finding] = []
    for part in files:
        findings += _File(part, scale).findings()
    tests = [test for part in files for test in part.tests]
    return Checked(tuple(sorted(set(findings))), len(tests), sum(len(test.body) for test in tests))


def _all(suite: Any) -> Iterator[Any]:
    yield suite
    for inner in suite.suites:
        yield from _all(inner)


class _File:
    """One suite file: its setup, its own keywords, its tests."""

    def __init__(self, suite: Any, profile: Profile) -> None:
        self._suite = suite
        self._path = Path(suite.source)
        self._name = from_project(self._path)
        self._profile = profile
        imported = [i.name for i in suite.resource.imports if i.type == "RESOURCE"]
        self._missing = [name for name in imported if not self._found(name)]
        self._sentences = reachable(tuple(from_project(path) for name in imported if (path := self._found(name))))
        self._own = {_plain(keyword.name): keyword for keyword in suite.resource.keywords}

    def findings(self) -> Iterator[Finding]:
        yield from self._syntax()
        for name in self._missing:
            near = _nearest(Path(name).name, [Path(chapter.file).name for chapter in phrase_book()])
            yield self._at(1, f"There is no file '{name}' to take sentences from{_did_you_mean(near)}.")
        setup: Rehearsed | None = None
        for found in self._setup():
            if isinstance(found, Finding):
                yield found
            else:
                setup = found
        names = {test.name: test.lineno for test in self._suite.tests}
        for taken in _names_elsewhere(self._path) & names.keys():
            yield self._at(names[taken], f"Another file has a test '{taken}' too: names have to be unique.")
        for test in self._suite.tests:
            yield from self._test(test, setup)

    def _found(self, name: str) -> Path | None:
        """The file that a resource import names: beside the suite, else where Python's modules are looked for."""
        plain = name.replace("${CURDIR}", str(self._path.parent)).replace("${/}", "/")
        places = [self._path.parent / plain, *(Path(folder) / plain for folder in sys.path)]
        return next((place.resolve() for place in places if place.is_file()), None)

    def _at(self, line: int, says: str) -> Finding:
        return Finding(self._name, line, says)

    def _syntax(self) -> Iterator[Finding]:
        """What Robot itself cannot read."""
        seen = _Errors()
        seen.visit(get_model(self._path))
        for line, says in seen.errors:
            yield self._at(line, f"{says.rstrip('.')}.")

    def _setup(self) -> Iterator[Finding | Rehearsed]:
        """The experiment that is recorded."""
        step = self._suite.setup
        if not step.name:
            yield self._at(1, f"Nothing is recorded: {_SETUP} that names one of {_listed(self._experiments())}.")
            return
        for line, text in self._said(step.name, step.args, step.lineno or 1):
            found = self._rehearse(line, text)
            yield found
            if isinstance(found, Rehearsed) and not found.records:
                yield self._at(
                    line, f"'{text}' records nothing: the setup has to be one of {_listed(self._experiments())}."
                )

    def _experiments(self) -> list[str]:
        return [sentence.shown for sentence in self._sentences if sentence.records]

    def _test(self, test: Any, setup: Rehearsed | None) -> Iterator[Finding]:
        promises = promises_of(str(test.metadata.get("Promise", "")))
        known = [promise for promise in promises if promise in runs.catalogue()]
        if not promises:
            yield self._at(
                test.lineno, "The test names no promise: add a line such as '[Metadata]    Promise    RI-5'."
            )
        for promise in promises:
            if promise not in known:
                near = _nearest(promise, [entry.id for entry in runs.catalogue().promises])
                yield self._at(test.lineno, f"There is no promise '{promise}'{_did_you_mean(near)}.")
        claims = 0
        for step in test.body:
            for line, text in self._said(getattr(step, "name", "") or "", getattr(step, "args", ()), step.lineno):
                found = self._rehearse(line, text)
                if isinstance(found, Finding):
                    yield found
                    claims += 1  # it was meant to be one
                    continue
                claims += not found.records
                yield from self._claim(line, text, found, setup, known, set(test.tags))
        if test.body and not claims:  # of a test without any step the parser says so
            yield self._at(test.lineno, "The test makes no claim: add a sentence with 'should'.")

    def _said(self, name: str, args: Iterable[str], line: int) -> Iterator[tuple[int, str]]:
        """The sentences that a step stands for: itself, or those of a keyword of the file's own."""
        text = "    ".join([_PREFIX.sub("", name), *args])
        own = self._own.get(_plain(name)) or self._own.get(_plain(text))
        if own is None:
            yield line, text
            return
        for step in own.body:
            yield from self._said(getattr(step, "name", "") or "", getattr(step, "args", ()), step.lineno)

    def _rehearse(self, line: int, text: str) -> Rehearsed | Finding:
        for sentence in self._sentences:
            values = sentence.values(text)
            if values is not None:
                try:
                    return rehearse(sentence, values)
                except Mistake as mistake:
                    return self._at(line, str(mistake))
        return self._at(line, self._unknown(text))

    def _unknown(self, text: str) -> str:
        everything = [sentence for chapter in phrase_book() for sentence in chapter.sentences]
        elsewhere = next((sentence for sentence in everything if sentence.values(text) is not None), None)
        if elsewhere is not None:
            return f"'{text}' stands in {elsewhere.file}: add a line 'Resource    ...' for it to the settings."
        near = _nearest_sentence(text, self._sentences) or _nearest_sentence(text, everything)
        hint = f" The nearest one is '{near.shown}', such as: {near.example}." if near else ""
        return f"There is no sentence '{text}' in the phrase book.{hint}"

    def _claim(
        self, line: int, text: str, found: Rehearsed, setup: Rehearsed | None, promises: list[str], tags: set[str]
    ) -> Iterator[Finding]:
        if found.records:
            yield self._at(line, f"'{text}' carries an experiment out: it belongs into 'Suite Setup'.")
            return
        if setup is not None and not fits(setup.record, found.record):
            fitting = [s.shown for s in self._sentences if s.records and fits(rehearse_example(s), found.record)]
            needed = f"; it stands on: {_listed(fitting)}" if fitting else ""
            yield self._at(line, f"'{text}' says something about another experiment than this file's setup{needed}.")
        for promise in promises:
            try:
                stated_limits(promise, found.stated, tags)
            except CouldNotBeExamined as error:
                yield self._at(line, str(error))
        limits = {name for promise in promises for name in contract_limits(promise).by_name}
        if promises and (strange := sorted(set(found.stated) - limits)):
            names = " and ".join(f"'{name}'" for name in strange)
            whose = " and ".join(promises)
            yield self._at(
                line, f"{whose} has no limit {names}, which this sentence states: is the promise the right one?"
            )
        yield from self._tenants(line, found, setup)

    def _tenants(self, line: int, found: Rehearsed, setup: Rehearsed | None) -> Iterator[Finding]:
        numbered = (
            getattr(sys.modules.get(getattr(setup.scenario, "__module__", "")), "numbered", None) if setup else None
        )
        if setup is None or numbered is None:
            return
        there: Collection[int] = numbered(self._profile, **setup.options)
        for name in OF_TENANTS:
            meant = found.subject.get(name, ())
            for number in meant if isinstance(meant, tuple) else (meant,):
                if number not in there:
                    yield self._at(
                        line, f"There is no tenant {number} here: the setup has tenants {_numbers(there)} to speak of."
                    )


class _Errors(ModelVisitor):  # type: ignore[misc]  # no type information there
    """Collects what Robot's parser complains about."""

    def __init__(self) -> None:
        self.errors: list[tuple[int, str]] = []

    def visit_Error(self, node: Any) -> None:
        self._note(node)

    def generic_visit(self, node: Any) -> None:
        self._note(node)
        super().generic_visit(node)

    def _note(self, node: Any) -> None:
        for error in getattr(node, "errors", ()):
            self.errors.append((node.lineno, str(error)))


def said_by(step: Sentence | str) -> str:
    """What a step says, or what the example of a sentence does, without "Given", "When", "Then"."""
    text = step.example.rpartition("    ")[2] if isinstance(step, Sentence) else step
    return _PREFIX.sub("", text)


def rehearse_example(sentence: Sentence) -> Any:
    """The kind of record that an experiment's own example makes."""
    values = sentence.values(said_by(sentence))
    return rehearse(sentence, values).record if values is not None else None


def fits(made: Any, needed: Any) -> bool:
    """Whether a judge can read a record; what is not known is believed."""
    if not isinstance(made, type) or not isinstance(needed, type):
        return True
    return issubclass(made, needed) or getattr(needed, "_is_protocol", False)


def _names_elsewhere(path: Path) -> set[str]:
    if not SUITES.is_dir():
        return set()
    return {t.name for t in Suite.from_file_system(SUITES).all_tests if Path(t.source).resolve() != path.resolve()}


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word.lower(), {name.lower(): name for name in known}, n=1, cutoff=_NEAR)
    return next((name for name in known if near and name.lower() == near[0]), "")


def _nearest_sentence(text: str, sentences: Iterable[Sentence]) -> Sentence | None:
    by_words = {sentence.shown.lower(): sentence for sentence in sentences}
    near = difflib.get_close_matches(text.lower(), by_words, n=1, cutoff=_NEAR)
    return by_words[near[0]] if near else None


def _did_you_mean(near: str) -> str:
    return f"; did you mean '{near}'?" if near else ""


def _numbers(there: Collection[int]) -> str:
    ordered = sorted(there)
    together = ordered == list(range(ordered[0], ordered[-1] + 1)) and len(ordered) > 1
    return f"{ordered[0]} to {ordered[-1]}" if together else " and ".join(map(str, ordered))


def _listed(sentences: list[str]) -> str:
    return "; ".join(f"'{text}'" for text in sentences[:3]) or "the sentences without 'should'"


def _plain(text: str) -> str:
    return re.sub(r"[\s_]+", "", text).lower()
