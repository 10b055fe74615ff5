"""What users save on a platform, and how it is read back: every thing of the target file that carries contents.

A thing counts when a request makes it with contents (``make`` with its ``content``) and another one shows it (``look``). What a
look shows is compared with what was saved by looking for the very value anywhere in the answer: where it stands there differs from
platform to platform. A thing whose look shows a list of entries is filled several times, in an order that must be kept.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Operation
from isolation.record.concurrent_startup.persistence import SavedItem
from isolation.target.model import Target, Thing
from isolation.target.placeholders import names_in
from isolation.target.words import Kept

ENTRIES = 3
"""How often a thing that holds a list is filled."""
_TEXT = "text"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that is examined, with one value for each of its words that have several.

    Attributes:
        name: Such as ``thread`` or ``state (scope preference)``.
        thing: As the target file describes it.
        arguments: What every request about it carries.
        ids: Who says its id: the platform (``given``), the suite (``chosen``), or what has to be tried in this order.
    """

    name: str
    thing: Thing
    arguments: Mapping[str, object]
    ids: tuple[str, ...]


@dataclass(slots=True)
class Saved:
    """One thing of one user.

    Attributes:
        kind: What it is.
        identity: Its id; empty while the platform has not said it.
        contents: What was saved in it, in order.
    """

    user: TenantAgent
    kind: Kind
    identity: str
    contents: list[object] = field(default_factory=list)

    def address(self, of: TenantAgent | None = None) -> dict[str, object]:
        """The arguments that name it; ``of`` when somebody else than its owner asks."""
        owner = {"of": of.user_id} if of is not None else {}
        return {**self.kind.arguments, self.kind.thing.id: self.identity, **owner}

    def items(self) -> list[SavedItem]:
        """What a judge expects to be read back."""
        return [self._item(str(number), content) for number, content in enumerate(self.contents, 1)]

    def items_in(self, operation: Operation) -> list[SavedItem]:
        """What an answer shows of it; nothing when it was not answered."""
        if not operation.answered:
            return []
        entries = operation.kept.get(Kept.ENTRIES)
        if isinstance(entries, list):
            return [self._item(str(number), entry) for number, entry in enumerate(self._saved_in(entries), 1)]
        own = self.contents[-1] if self.contents else None
        if any(value == own for value in _values(operation.kept)):
            return [self._item("1", own)]
        shown = [value for value in _values(operation.kept) if _looks_like_content(value)]
        return [self._item("1", shown[0])] if shown else []

    def _saved_in(self, entries: Sequence[object]) -> list[object]:
        """What entries show of what users saved.

        Where a platform wraps a text in an entry of its own form, with what it says itself beside it, only what users saved counts,
        and once: an answer that repeats a question is no second question.
        """
        if not any(_wraps(entry) for entry in entries):
            return list(entries)
        shown: list[object] = []
        for entry in entries:
            values = [value for value in _values(entry) if _looks_like_content(value)]
            own = [value for value in values if value in self.contents]
            others = [value for value in values if not _quotes(value, self.contents)]
            shown += [value for value in (own or others)[:1] if value not in shown]
        return shown

    def _item(self, number: str, content: object) -> SavedItem:
        name = f"{self.identity} {number}" if len(self.contents) > 1 else self.identity
        return SavedItem(self.user.name, self.user.user_id, self.kind.name, name, digest(content))


def kinds_of(target: Target) -> list[Kind]:
    """Every kind of thing that can be saved and read back."""
    return list(_kinds(target))


def _kinds(target: Target) -> Iterator[Kind]:
    for name, thing in target.things.items():
        if thing.make is None or thing.look is None or thing.owner != "user":
            continue
        places = set(names_in(target.requests[thing.make].model_dump()))
        if thing.content not in places:
            continue
        words = list(thing.each)
        for values in itertools.product(*thing.each.values()):
            chosen = dict(zip(words, values, strict=True))
            shown = ", ".join(f"{word} {value}" for word, value in chosen.items())
            yield Kind(
                f"{name} ({shown})" if shown else name, thing, {**thing.arguments, **chosen}, target.ids_of(thing)
            )


def new_thing(user: TenantAgent, kind: Kind) -> Saved:
    """A thing that nobody has saved yet; its id is the suite's when the platform lets it choose."""
    return Saved(user, kind, "" if kind.ids[0] == "given" else chosen_id())


def chosen_id() -> str:
    """An id of the suite's own."""
    return f"plans-{uuid.uuid4().hex[:8]}"


def fill(saved: Saved) -> Request:
    """The request that saves one more content; no value occurs twice in a run."""
    content = _content(saved.user, len(saved.contents) + 1, saved.kind.thing.content)
    saved.contents.append(content)
    assert saved.kind.thing.make is not None, "kinds_of takes only things that are made"
    address = saved.address() if saved.identity else dict(saved.kind.arguments)
    return Request(saved.user.name, saved.kind.thing.make, {**address, saved.kind.thing.content: content})


def look(saved: Saved, by: TenantAgent | None = None) -> Request:
    """The request that shows it, by its owner or by somebody else."""
    assert saved.kind.thing.look is not None, "kinds_of takes only things that can be looked at"
    if by is None:
        return Request(saved.user.name, saved.kind.thing.look, saved.address())
    return Request(by.name, saved.kind.thing.look, saved.address(of=saved.user))


def is_list(operation: Operation) -> bool:
    """Whether an answer shows a list of entries."""
    return isinstance(operation.kept.get(Kept.ENTRIES), list)


def digest(content: object) -> str:
    """Of a value; the value itself is written nowhere."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True, default=str).encode()).hexdigest()


def _content(user: TenantAgent, number: int, word: str) -> object:
    """Text where the target file says ``text``; elsewhere a document that holds all kinds of JSON."""
    secret = uuid.uuid4().hex
    if word == _TEXT:
        return f"{user.user_id} said {secret} žluťoučký kůň ☂ {number}"
    return {
        "of": user.user_id,
        "secret": secret,
        "amount": 1_000_000.25 + number,
        "words": "žluťoučký kůň \u2602 \\ \" '",
        "more": [True, None, {"deep": [number, -1, 0.1]}, ""],
    }


def _values(kept: object) -> Iterator[object]:
    """Every value in an answer, also those deep inside."""
    yield kept
    if isinstance(kept, Mapping):
        for value in kept.values():
            yield from _values(value)
    elif isinstance(kept, Sequence) and not isinstance(kept, (str, bytes)):
        for value in kept:
            yield from _values(value)


def _wraps(entry: object) -> bool:
    """Whether an entry is not what was saved, but holds it."""
    return (
        isinstance(entry, Mapping) and not _looks_like_content(entry) and any(map(_looks_like_content, _values(entry)))
    )


def _quotes(value: object, contents: Sequence[object]) -> bool:
    """Whether a text repeats what was saved within words of its own."""
    return isinstance(value, str) and any(isinstance(one, str) and one in value for one in contents)


def _looks_like_content(value: object) -> bool:
    """Whether a value may be what somebody saved here: a document, or a text of the suite's making."""
    if isinstance(value, Mapping):
        return {"of", "secret"} <= set(value)
    return isinstance(value, str) and " said " in value
