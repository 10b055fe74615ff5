"""What went wrong on other platforms is staged: cancelled answers, shared caches, used connections, announcements, storms (CS-2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.cancelling import CANCELLED
from isolation.drive.probe.incidents import LEFT
from isolation.record import Direction, Frame
from isolation.record.concurrent_startup.incidents import Incident, IncidentsRecord
from isolation.record.secrets.markers import SecretKind
from isolation.record.secrets.searches import Planted, Search
from isolation.record.tenants import TenantNames
from isolation.record.traffic.exchanges import Exchange
from isolation.scenarios.api import Api
from isolation.scenarios.secrets.searching import search_frames
from isolation.target.needs import Needs, missing
from isolation.target.words import OperatorOperation, RequestKind

NEEDS = Needs(requests=(RequestKind.REPORT,))
CANCELLATION = Needs(requests=(RequestKind.CANCEL,))
ANSWER_CACHE = Needs(requests=(RequestKind.ASK,))
NEWCOMERS = Needs()
ANNOUNCEMENT = Needs(operator=(OperatorOperation.ANNOUNCE,))

_CANCELLING_USERS = 25
_CANCELLED_EACH = 8
_ASKERS = 6
_STRANGERS = 12
_MORE_THAN_ENOUGH = 1.2
"""Times the answers that a comparison of times needs: some may not come."""
_PAIRS = 10
_STORMS = 2
_HEARD_S = 0.5
"""How long an announcement may be on its way to everybody."""
_FIRST_TEXT = 10_000
"""Sequence of the first marker that an incident uses: no other experiment plants it."""


def run(api: Api) -> IncidentsRecord:
    """One incident after the other, with the same users; what the target does not offer is left out."""
    users = api.make(api.user_count())
    api.secrets.plant(users)
    record = IncidentsRecord(TenantNames(tuple(user.name for user in users)))
    texts = _Texts(api)
    parts: tuple[tuple[Needs, Callable[[Api, IncidentsRecord, _Texts], None]], ...] = (
        (CANCELLATION, _cancel),
        (ANSWER_CACHE, _ask_the_same),
        (NEWCOMERS, _connect_after_others),
        (ANNOUNCEMENT, _announce),
        (Needs(), _storm),
    )
    for needs, stage in parts:
        if not missing(api.target, needs):
            stage(api, record, texts)
    return record


class _Texts:
    """Marked texts of users, each used once."""

    def __init__(self, api: Api) -> None:
        self._secrets = api.secrets
        self._next = _FIRST_TEXT

    def each(self, users: list[TenantAgent]) -> list[str]:
        """One text of each user."""
        self._next += 1
        return [self._secrets.extra(user, self._next) for user in users]

    def many(self, user: TenantAgent, count: int) -> list[str]:
        """Several texts of one user."""
        self._next += count
        return [self._secrets.extra(user, self._next - number) for number in range(count)]


def _cancel(api: Api, record: IncidentsRecord, texts: _Texts) -> None:
    """Users cancel requests that are being worked on, and ask for the next thing over the same session at once."""
    users = api.users[:_CANCELLING_USERS]
    staged = api.prober.cancel_in_flight(users, [texts.many(user, 2 * _CANCELLED_EACH + 1) for user in users], 1)
    record.cancelled = [e for e in staged.exchanges if e.occasion == CANCELLED]
    record.after_cancelling = [e for e in staged.exchanges if e.occasion != CANCELLED]
    record.late = staged.late
    record.searches.append(_searched(api, staged.frames, Incident.CANCELLATION))


def _ask_the_same(api: Api, record: IncidentsRecord, texts: _Texts) -> None:
    """Users ask questions twice; then strangers ask the same questions, and new ones."""
    first, others = api.users[:_ASKERS], api.users[_ASKERS : _ASKERS + _STRANGERS]
    if not others:
        return
    count = int(api.limits["timing samples"].value * _MORE_THAN_ENOUGH)
    known = [f"What about the market in region {number}? {api.run_id}" for number in range(count)]
    fresh = [f"What about the prices in region {number}? {api.run_id}" for number in range(count)]
    record.cached = _with_others(api, api.prober.ask_the_same(first, others, known, fresh, 1))


def _connect_after_others(api: Api, record: IncidentsRecord, texts: _Texts) -> None:
    """Users leave in the middle of their work, and newcomers connect in the same moment."""
    pairs = min(_PAIRS, len(api.users) // 2)
    people = api.users[-2 * pairs :]
    leaving, coming = people[:pairs], people[pairs:]
    profiles = [api.secrets.texts(user, SecretKind.COMPANY, SecretKind.API_KEY) for user in leaving]
    staged = api.prober.use_after_others(list(zip(leaving, coming, strict=True)), profiles, texts.each(coming))
    record.left = [e for e in staged.exchanges if e.occasion == LEFT]
    record.newcomers = [e for e in staged.exchanges if e.occasion != LEFT]
    record.searches.append(_searched(api, staged.frames, Incident.NEWCOMERS))


def _announce(api: Api, record: IncidentsRecord, texts: _Texts) -> None:
    """Everybody is connected, asks once, and the operator announces a text with a control in it."""
    users = list(api.users)
    api.prober.gather_crowd(users, texts.each(users))
    control = api.secrets.control()
    api.monitor.operator(OperatorOperation.ANNOUNCE, text=f"Maintenance tonight. Reference {control}")
    api.rest(_HEARD_S)
    frames = api.prober.crowd_frames()
    record.announced_to = {user.name: 0 for user in users}
    for frame in _received(frames):
        record.announced_to[frame.session] += control.encode() in frame.data
    record.searches.append(_searched(api, frames, Incident.ANNOUNCEMENT))


def _storm(api: Api, record: IncidentsRecord, texts: _Texts) -> None:
    """All connections are cut at once and everybody comes back at once, takes up the old session and works."""
    users = list(api.users)
    api.prober.gather_crowd(users, texts.each(users))
    for _ in range(_STORMS):
        returns, exchanges = api.prober.storm(texts.each(users))
        record.returns += returns
        record.after_storm += exchanges
    frames = api.prober.crowd_frames()
    api.prober.disperse_crowd()
    record.searches.append(_searched(api, frames, Incident.STORM))


def _searched(api: Api, frames: list[Frame], incident: Incident) -> Search:
    """Search what everybody received; that each found its own texts proves that the search works."""
    owners = tuple(dict.fromkeys(api.secrets.person(frame.user).tenant for frame in _received(frames)))
    return search_frames(api.secrets, frames, Planted(owners=owners), incident)


def _received(frames: list[Frame]) -> Iterator[Frame]:
    return (frame for frame in frames if frame.direction is Direction.RECEIVED)


def _with_others(api: Api, exchanges: list[Exchange]) -> list[Exchange]:
    """The exchanges, each with the other users whom its answer names."""
    users = {user.user_id: user.name for user in api.users}
    return [
        replace(e, others=tuple(users[user] for user in named_in(e.answer, users) if user != e.user)) for e in exchanges
    ]


def named_in(text: str, ids: Iterable[str]) -> list[str]:
    """Which ids a text names, each once. Of ids that are prefixes of each other only the longest is named at a place."""
    longest_first = sorted(set(ids), key=len, reverse=True)
    if not longest_first:
        return []
    return list(dict.fromkeys(re.findall("|".join(map(re.escape, longest_first)), text)))
