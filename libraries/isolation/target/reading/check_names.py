"""Names that nothing reads: requests that nobody asks for, kept words, secrets and doors without a use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from isolation.target.arguments import IDENTITY
from isolation.target.model import Target
from isolation.target.placeholders import names_in
from isolation.target.reading.findings import Finding, meant
from isolation.target.words import Kept, RequestKind


def check_names(target: Target, data: dict[str, object]) -> Iterator[Finding]:
    """Names that are given and never used, and names that are given twice."""
    used = Counter(names_in(data))
    yield from _requests(target)
    yield from _kept(target, used)
    stores = {getattr(store, "address", None) or getattr(store, "folder", None) for _, store in target.stores if store}
    for word in target.secrets:
        if word in target.doors or word in IDENTITY:
            yield ("secrets", word), "is the name of a door or of a word of every user too; choose another"
        elif not used[word] and word not in stores and target.adapter is None:
            yield ("secrets", word), f"is used by nothing: write '{{{word}}}' where it belongs, or remove it"
    for word in target.doors:
        if word in IDENTITY:
            yield ("doors", word), "is the name of a word of every user too; choose another"
        elif not used[word] and target.adapter is None:
            yield ("doors", word), f"is used by nothing: write '{{{word}}}' where it belongs, or remove it"


def _requests(target: Target) -> Iterator[Finding]:
    asked = {request for thing in target.things.values() for request in thing.requests()}
    if target.processes is not None and target.processes.pid_from:
        asked.add(target.processes.pid_from)
    if asked - set(target.requests):
        return  # a thing misspells one: that is said, and what it means would be said here once more
    for kind in target.requests:
        if kind not in set(RequestKind) and kind not in asked:
            yield (
                ("requests", kind),
                f"is asked for by nothing{meant(kind, RequestKind)}: it is no request of the suite, and no thing names it",
            )


def _kept(target: Target, used: Counter[str]) -> Iterator[Finding]:
    ids = {thing.id for thing in target.things.values()}
    for number, rule in enumerate(target.frames):
        for key in ("keep", "append"):
            for word in getattr(rule, key):
                if word not in set(Kept) and word not in ids and not used[word]:
                    yield ("frames", number, key, word), f"is read by nothing{meant(word, Kept)}"
    session = target.session
    sections = [(("tenants", "make"), target.tenants.make), (("session", "open"), session.open if session else [])]
    for section, steps in sections:
        for number, step in enumerate(steps):
            for word in getattr(step, "keep", ()):
                if word not in set(Kept) and word not in ids and not used[word]:
                    yield (*section, number, "keep", word), f"is used by nothing: write '{{{word}}}' where it belongs"
