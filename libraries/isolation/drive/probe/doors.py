"""The doors: every kind of request that addresses a thing, and how its thing is made and looked at.

A door is used for every request of the target file that has a place for an agent, a user, a topic, a session or an
unfinished request: only such a request can reach for somebody else's thing. One that is in the target file and not
here is reported, so that a new operation cannot be forgotten.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from isolation.drive.probe.callers import Caller
from isolation.target.model import RequestTemplate
from isolation.target.placeholders import names_in

ADDRESSES = ("agent", "user", "target", "topic", "session")
"""Words in a request of the target file that address a thing."""

ELSEWHERE = {"logout_session"}
"""Requests that no door is for: the owner's own trial would end the token that all of its sessions use (CS-6 tries them)."""


@dataclass(frozen=True, slots=True)
class Things:
    """The ids of what one user has, or of what nobody has.

    Attributes:
        user: User id.
        agent: An agent.
        key: Key of a document in scope ``preference``.
        thread: A thread with history, in which the agent is.
        target: An unfinished request.
        session: A session that was cut.
    """

    user: str
    agent: str
    key: str
    thread: str
    target: str = "none"
    session: str = "none"

    def like_nobodys(self, rng: random.Random, same_user: bool = False) -> Things:
        """Ids of the same form and length that do not exist; with ``same_user`` of a user who does."""
        return Things(
            self.user if same_user else _scrambled(self.user, rng),
            _scrambled(self.agent, rng),
            _scrambled(self.key, rng) if same_user else self.key,
            self.thread,
            _scrambled(self.target, rng),
            _scrambled(self.session, rng),
        )


@dataclass(frozen=True, slots=True)
class Door:
    """One way to reach for a thing.

    Attributes:
        name: What the report calls it.
        kind: The request, in the target file's words.
        arguments: How the thing is addressed.
        changes: Whether it changes the thing.
        first: What its owner must have done first: ``subscribe``, ``start`` something or ``cut`` a session.
        administrators: Whether administrators of the owner's own tenant may do it; nobody else but the owner ever may.
    """

    name: str
    kind: str
    arguments: Callable[[Things], dict[str, object]]
    changes: bool = False
    first: str = ""
    administrators: bool = False


DOORS: tuple[Door, ...] = (
    Door("agent_get", "agent_get", lambda t: {"agent": t.agent, "of": t.user}, administrators=True),
    Door("agent_get by id alone", "agent_get", lambda t: {"agent": t.agent}),
    Door("agent_list", "agent_list", lambda t: {"of": t.user}, administrators=True),
    Door("agent_health", "agent_health", lambda t: {"of": t.user}, administrators=True),
    Door("execute", "execute", lambda t: {"work": "noop", "agent": t.agent}),
    Door("recall", "recall", lambda t: {"agent": t.agent}),
    Door("remember", "remember", lambda t: {"agent": t.agent, "text": "something new"}, changes=True),
    Door("state_get", "state_get", lambda t: {"scope": "preference", "key": t.key, "of": t.user}),
    Door("state_list", "state_list", lambda t: {"scope": "preference", "prefix": t.key, "of": t.user}),
    Door("state_put", "state_put", lambda t: {"scope": "preference", "key": t.key, "value": "new", "of": t.user}, True),
    Door("history_read", "history_read", lambda t: {"thread": t.thread, "of": t.user}),
    Door("history_append", "history_append", lambda t: {"thread": t.thread, "entry": "new", "of": t.user}, True),
    Door("state_delete", "state_delete", lambda t: {"scope": "preference", "key": t.key, "of": t.user}, True),
    Door("subscribe", "subscribe", lambda t: {"topic": f"agent:{t.agent}"}),
    Door("subscribe_agent", "subscribe_agent", lambda t: {"agent": t.agent}),
    Door("unsubscribe", "unsubscribe", lambda t: {"topic": f"agent:{t.agent}"}, first="subscribe"),
    Door("cancel", "cancel", lambda t: {"target": t.target}, first="start"),
    Door("session_resume", "session_resume", lambda t: {"session": t.session, "sequence": 0}, first="cut"),
    Door("agent_reset", "agent_reset", lambda t: {"agent": t.agent}, changes=True),
    Door("agent_stop", "agent_stop", lambda t: {"agent": t.agent}, changes=True),
    Door("agent_remove", "agent_remove", lambda t: {"agent": t.agent}, changes=True),
)
"""In this order: what only reads comes first."""


def doors_of(requests: Mapping[str, RequestTemplate]) -> tuple[list[Door], list[str]]:
    """The doors of a target.

    Args:
        requests: The requests of the target file.

    Returns:
        The doors that it has, and those of its requests that address things and for which there is no door here.
    """
    known = [door for door in DOORS if door.kind in requests]
    addressing = [kind for kind, request in requests.items() if _words(request) & set(ADDRESSES)]
    return known, sorted(set(addressing) - {door.kind for door in known} - ELSEWHERE)


async def make_things(owner: Caller, number: int) -> Things:
    """Let an owner make fresh things that nobody has touched yet."""
    thread, key = f"thread-{number:03d}", f"key-{number:03d}"
    agent = await owner.ask("agent_create", agent_type="assistant", thread=thread)
    agent_id = str(agent.result.get("agent", "none"))
    await owner.ask("remember", agent=agent_id, text=f"kept since {number}")
    await owner.ask("state_put", scope="preference", key=key, value=f"saved as {number}")
    await owner.ask("history_append", thread=thread, entry=f"written as {number}")
    return Things(owner.person.user_id, agent_id, key, thread)


async def look(owner: Caller, things: Things) -> list[tuple[str, dict[str, object]]]:
    """What an owner sees of its own things: compared before and after, it shows whether anything changed."""
    replies = [
        await owner.ask("agent_get", agent=things.agent),
        await owner.ask("recall", agent=things.agent),
        await owner.ask("state_get", scope="preference", key=things.key),
        await owner.ask("state_list", scope="preference", prefix=things.key),
        await owner.ask("history_read", thread=things.thread),
    ]
    return [(reply.code, reply.result) for reply in replies]


def _words(request: RequestTemplate) -> set[str]:
    """The words that a request needs, without the user's own."""
    return {word if word != "of" else "user" for word in names_in(request.model_dump(by_alias=True))}


def _scrambled(text: str, rng: random.Random) -> str:
    """Another id of the same form: letters stay letters, hexadecimal digits stay hexadecimal digits."""
    tail = max(4, len(text) // 2)

    def other(character: str) -> str:
        if character in "0123456789":
            return rng.choice("0123456789")
        if character in "abcdef":
            return rng.choice("abcdef")
        return rng.choice(string.ascii_lowercase) if character in string.ascii_lowercase else character

    return text[:-tail] + "".join(other(character) for character in text[-tail:])
