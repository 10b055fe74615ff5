"""What a scenario needs of a target, and what a target lacks, in one sentence each.

A scenario whose needs are not met is NOT APPLICABLE: nothing is asked that the target file does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from isolation.target.model import JwtStep, Target, Thing
from isolation.target.words import Alert, Audit, Code, Kept, Meaning, OperatorOperation, OperatorWord, RequestKind

Ability = str
"""A field of a thing: ``make``, ``look``, ``list``, ``change``, ``remove``, ``subscribe``, ``reach``, ``administrators``, ``each``."""
_FIELDS = {"list": "listing"}
_OF_FRAMES = {Kept.EVENT, Kept.SEQUENCE, Kept.SERVICE_MILLISECONDS}


@dataclass(frozen=True, slots=True)
class Needs:
    """What a scenario needs; nothing by itself.

    Attributes:
        any_of: Requests of which one is enough.
        kept: Words that some answer must keep.
        any_kept: Words of which some answer must keep one.
        things: Things by name.
        any_thing: Abilities that one thing, whichever, must have all of.
        operator_words: For an operation, words of which its answer must keep one.
        stores: Stores that are read.
        writes: Stores that are written to.
        alerts: What the target must be able to report.
        audit: What the target must write down.
        codes: Refusals that must be known by their code.
        tenants: How many users are there at the same time.
        colleagues: Whether a tenant needs several users.
        removal: Whether users must be removable.
        revocation: Whether rights can be taken away while a session is open.
        processes: Whether processes must be found.
        connection: Whether a session must be a connection (WebSocket or socket.io).
        routing: Whether answers must be provably the own ones.
        made_tokens: Whether the suite must make the tokens itself, so that it can forge them.
        launch: Whether the suite must have started the platform.
        events: Whether the events of one piece of work are promised in an order.
        scopes: How many scopes of state.
        agent_types: How many types of agents.
    """

    requests: tuple[RequestKind | str, ...] = ()
    any_of: tuple[RequestKind | str, ...] = ()
    kept: tuple[Kept, ...] = ()
    any_kept: tuple[Kept, ...] = ()
    things: tuple[str, ...] = ()
    any_thing: tuple[Ability, ...] = ()
    operator: tuple[OperatorOperation, ...] = ()
    operator_words: tuple[tuple[OperatorOperation, tuple[OperatorWord, ...]], ...] = ()
    stores: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()
    audit: tuple[Audit, ...] = ()
    codes: tuple[Code, ...] = ()
    roles: tuple[str, ...] = ()
    tenants: int = 0
    colleagues: bool = False
    removal: bool = False
    revocation: bool = False
    processes: bool = False
    connection: bool = False
    routing: bool = False
    made_tokens: bool = False
    launch: bool = False
    events: bool = False
    scopes: int = 0
    agent_types: int = 0

    def __add__(self, other: Needs) -> Needs:
        """What both need."""
        if self.any_of and other.any_of and self.any_of != other.any_of:
            raise ValueError("two choices of requests cannot be made one")
        return Needs(
            **{field.name: _both(getattr(self, field.name), getattr(other, field.name)) for field in fields(Needs)}
        )


def missing(target: Target, needs: Needs) -> tuple[str, ...]:
    """What the target lacks, one sentence each; empty when it has everything."""
    return (
        *_requests(target, needs),
        *_things(target, needs),
        *_operator(target, needs),
        *_stores(target, needs),
        *_words(target, needs),
        *_people(target, needs),
        *_sessions(target, needs),
    )


def not_offered(target: Target, needs: Needs) -> str:
    """One sentence about what the target lacks; empty when it has everything."""
    lacks = "; ".join(missing(target, needs))
    return f"{lacks[0].upper()}{lacks[1:]}." if lacks else ""


def routing_proof(target: Target) -> str:
    """What proves that an answer is the asker's own: ``id``, ``stream``, ``owner``, ``nonce``, ``adapter``; empty when nothing does."""
    correlation = target.correlation
    if target.adapter is not None:
        return "adapter"
    if correlation is None:
        return ""
    if correlation.by in ("echoed", "stream"):
        return {"echoed": "id", "stream": "stream"}[correlation.by]
    if correlation.owner is not None:
        return "owner"
    return "nonce" if any(Kept.NONCE in rule.keep for rule in target.frames) else ""


def tells_whose_events(target: Target) -> str:
    """Why frames do not say which request they belong to; empty when they do: then each event can be followed."""
    if target.adapter is not None:
        return "what the target's adapter hears is read by the adapter alone"
    by = target.correlation.by if target.correlation is not None else ""
    if by in ("echoed", "assigned"):
        return ""
    return "the target's frames carry no id of the request that they belong to (section 'correlation')"


def keeps(target: Target, word: str) -> bool:
    """Whether the target file takes a word out of any frame; what an adapter takes is not known beforehand."""
    return any(word in rule.keep or word in rule.append for rule in target.frames)


def keeps_of_answers(target: Target, kind: str) -> bool:
    """Whether the target file takes any words from the answers to a request, beside what frames say of themselves."""
    rules = [
        rule for rule in target.frames if rule.means is Meaning.ANSWERED and (not rule.kinds or kind in rule.kinds)
    ]
    return any({*rule.keep, *rule.append} - _OF_FRAMES for rule in rules)


def things_that(target: Target, *abilities: Ability) -> dict[str, Thing]:
    """The things that have all of these abilities."""
    return {name: thing for name, thing in target.things.items() if all(_can(thing, one) for one in abilities)}


def _can(thing: Thing, ability: Ability) -> bool:
    if ability == "make":
        return bool(thing.make or thing.made_by)
    if ability == "reach":
        return bool(thing.reach or thing.from_openapi)
    return bool(getattr(thing, _FIELDS.get(ability, ability)))


def _requests(target: Target, needs: Needs) -> Iterator[str]:
    for kind in needs.requests:
        if kind not in target.requests:
            yield f"the target file has no request '{kind}' (section 'requests')"
    if needs.any_of and not any(kind in target.requests for kind in needs.any_of):
        names = ", ".join(f"'{kind}'" for kind in needs.any_of)
        yield f"the target file has none of the requests {names} (section 'requests')"
    if target.adapter is None:
        for word in needs.kept:
            if not keeps(target, word):
                yield f"no frame of the target file keeps '{word}' (section 'frames', 'keep')"
        if needs.any_kept and not any(keeps(target, word) for word in needs.any_kept):
            names = " or ".join(f"'{word}'" for word in needs.any_kept)
            yield f"no frame of the target file keeps {names} (section 'frames', 'keep')"


def _things(target: Target, needs: Needs) -> Iterator[str]:
    for name in needs.things:
        if name not in target.things:
            yield f"the target file has no thing '{name}' (section 'things')"
    if needs.any_thing and not things_that(target, *needs.any_thing):
        abilities = ", ".join(f"'{ability}'" for ability in needs.any_thing)
        yield f"the target file has no thing with {abilities} (section 'things')"


def _operator(target: Target, needs: Needs) -> Iterator[str]:
    for operation in needs.operator:
        if operation not in target.operator:
            yield f"the operator of the target cannot be asked for '{operation}' (section 'operator')"
    for operation, words in needs.operator_words:
        step = target.operator.get(operation)
        kept = {} if step is None or isinstance(step, JwtStep) else step.keep
        if step is not None and not any(word in kept for word in words):
            names = " or ".join(f"'{word}'" for word in words)
            yield f"the operator's '{operation}' does not tell {names} (section 'operator', 'keep')"
    if needs.processes and target.processes is None:
        yield "the target file does not say how a user's processes are found (section 'processes')"


def _stores(target: Target, needs: Needs) -> Iterator[str]:
    for name in dict.fromkeys((*needs.stores, *needs.writes)):
        store = getattr(target.stores, name, None)
        if store is None:
            yield f"the target file names no store '{name}' (section 'stores')"
        elif name in needs.writes and not store.writes:
            yield f"the target file does not allow writing to '{name}' ('writes: yes' in section 'stores')"


def _words(target: Target, needs: Needs) -> Iterator[str]:
    words = target.words
    for section in ("alerts", "audit", "codes"):
        for word in getattr(needs, section):
            if word not in getattr(words, section):
                yield f"the target file has no word for '{word}' (section 'words', '{section}')"
    for name, number in (("scopes", needs.scopes), ("agent_types", needs.agent_types)):
        if number > len(getattr(words, name)):
            yield f"the target file names {len(getattr(words, name))} of the {number} needed '{name}' (section 'words')"
    if needs.events and not words.events:
        yield "the target file promises no order of events (section 'words', 'events')"


def _people(target: Target, needs: Needs) -> Iterator[str]:
    for role in needs.roles:
        if role not in (target.tenants.roles or {}):
            yield f"the target file has no role '{role}' (section 'tenants', 'roles')"
    if target.tenants.most is not None and needs.tenants > target.tenants.most:
        yield f"the target bears {target.tenants.most} users at a time, {needs.tenants} are needed (section 'tenants', 'most')"
    if needs.colleagues and not target.offers_colleagues:
        yield "the target does not tell tenants from users, so a tenant has one user only (no '{tenant}' in section 'tenants')"
    if needs.removal and not target.tenants.remove:
        yield "the target file does not say how users are removed (section 'tenants', 'remove')"
    if needs.revocation and not target.tenants.revoke:
        yield "the target file does not say how rights are taken away (section 'tenants', 'revoke')"
    if needs.made_tokens and not any(isinstance(step, JwtStep) for step in target.tenants.make):
        yield "the suite does not make this target's tokens itself (no 'jwt' step in section 'tenants', 'make')"


def _sessions(target: Target, needs: Needs) -> Iterator[str]:
    if needs.connection and target.is_http_only:
        yield "sessions of the target are HTTP calls, there is no connection (section 'session', 'connect')"
    if needs.routing and not routing_proof(target):
        yield (
            "nothing in an answer proves whose it is: ids are the server's own, and no frame names an owner or brings"
            " back a nonce (section 'correlation', 'owner'; or 'keep: {nonce: PATH}' and '{nonce}' in a request)"
        )
    if needs.launch and target.launch is None:
        yield "the suite did not start the target (section 'launch')"


def _both(first: Any, second: Any) -> Any:
    return tuple(dict.fromkeys((*first, *second))) if isinstance(first, tuple) else max(first, second)
