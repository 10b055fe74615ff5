"""Many users with secrets work side by side, and every place is searched for secrets of somebody else (CS-2)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

from isolation.drive.load.engine import ConnectOptions
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.concurrent_startup.contamination import ContaminationRecord
from isolation.record.secrets.credentials import Credential
from isolation.record.secrets.searches import Planted, Search
from isolation.record.tenants import TenantNames
from isolation.scenarios.api import Api, NotExamined, NotOffered
from isolation.scenarios.secrets.encoders import ENCODERS
from isolation.scenarios.secrets.known_credentials import credentials_of_platform, store_password
from isolation.scenarios.secrets.places import Place, Places
from isolation.scenarios.secrets.searching import FrameSearch
from isolation.scenarios.secrets.work import MOST_SECOND_SESSIONS, THREAD, Arguments, SecretWork, second_sessions
from isolation.target.needs import Needs, missing
from isolation.target.words import OperatorOperation, OperatorWord, RequestKind

NEEDS = Needs(requests=(RequestKind.REPORT,))
_ANNOUNCEMENT = Needs(operator=(OperatorOperation.ANNOUNCE,))
_ANSWERS = 2_000
"""How many reports full of secrets there are at least, of all users together."""
_AT_ONCE = 50
_CHEAP_ROUNDS = 5
"""How often everybody makes the cheapest request: its answer is compared with its asker as every other one."""
_PLANNERS = 3
"""How many users let a supervisor work with their secrets."""
_LOGINS = Needs(operator=(OperatorOperation.CREDENTIALS,))
_STORE_LOGINS = 10
"""Of how many tenants the passwords of the stores are searched for."""
_PASSWORDS = {"database": OperatorWord.DATABASE_PASSWORD, "cache": OperatorWord.CACHE_PASSWORD}
_HEARD_S = 0.3
"""How long an announcement may be on its way to everybody."""


def run(api: Api) -> ContaminationRecord:
    """Every user saves ten marked texts and two marked numbers everywhere and gets reports full of them."""
    with ThreadPoolExecutor(1, "searching frames") as beside:
        return _run(api, beside)


def _run(api: Api, beside: ThreadPoolExecutor) -> ContaminationRecord:
    places = Places(api)
    api.engine.record_frames(True)
    api.engine.take_frames()
    users = _connected(api)
    api.secrets.plant(users)
    api.secrets.note([*credentials_of_platform(api.doors.secrets), *_store_passwords(api, users)])
    record = ContaminationRecord(TenantNames(tuple(user.name for user in users)))
    _work(api, users, record)
    worked_at = time.monotonic()
    record.announces = not missing(api.target, _ANNOUNCEMENT)
    record.announced_to = announced_to = _announce(api)
    owners = tuple(record.tenants)
    search = FrameSearch(deepcopy(api.secrets))  # it travels while controls are drawn here
    # The engine takes a core for seconds; other places are searched meanwhile.
    in_frames = beside.submit(api.engine.read_frames, search)
    answered = {operation.tenant for operation in record.operations if operation.answered}
    # The cache first: what is kept there for a minute is gone when the other searches take long.
    for kind in (Place.CACHE, *(place for place in Place if place not in (Place.CACHE, Place.FRAMES))):
        _search(record, kind, lambda kind=kind: places.search(kind, owners, worked_at))  # type: ignore[misc]
    seen = in_frames.result()  # what comes next forgets the frames before it
    record.searches.insert(0, search.search(seen, Planted(announced_to, tuple(answered))))
    _exchange_harmless_texts(api, users, record)
    api.engine.record_frames(False)
    return record


def _connected(api: Api) -> list[TenantAgent]:
    users = api.make(api.user_count())
    # Every session counts its requests from 1: an answer that is routed by its id alone goes astray.
    opened = api.connect(users, ConnectOptions(at_once=_AT_ONCE, equal_ids=True))
    if not any(one.opening for one in opened):
        raise NotExamined(f"none of {len(users)} users could be connected: {opened[0].reason}")
    return [user for user, one in zip(users, opened, strict=True) if one.opening is not None]


def _store_passwords(api: Api, users: list[TenantAgent]) -> Iterator[Credential]:
    """The logins of some tenants to the stores, where the operator tells them."""
    if missing(api.target, _LOGINS):
        return
    for user in users[:_STORE_LOGINS]:
        found = api.monitor.operator(OperatorOperation.CREDENTIALS, tenant=user.tenant_id)
        for store, word in _PASSWORDS.items():
            if text := found.get(word):
                yield store_password(user, store, str(text))


def _work(api: Api, users: list[TenantAgent], record: ContaminationRecord) -> None:
    if RequestKind.SUBSCRIBE in api.target.requests:
        listeners = second_sessions(users)
        api.connect(listeners, ConnectOptions(equal_ids=True))
        SecretWork(api, listeners).ask(RequestKind.SUBSCRIBE, lambda _: {"topic": f"thread:{THREAD}"})
    work = SecretWork(api, users)
    for _ in range(_CHEAP_ROUNDS):
        work.ask(RequestKind.NOOP, lambda _: {})
    record.operations = [*work.save(), *work.reports(_ANSWERS)]
    work.provoke_errors()
    work.ask(RequestKind.ORCHESTRATE, lambda user: {"text": f"Plan {api.secrets.extra(user, 9)}"}, most=_PLANNERS)
    # What is cached for a while only has to be there when the cache is looked at, however long all this has taken.
    work.ask(RequestKind.ASK, lambda user: {"question": f"Once more: {api.secrets.extra(user, 10)}?"})
    record.answers = work.answers


def _announce(api: Api) -> int:
    """Let the operator announce a text with a control in it; how many sessions were shown it."""
    if missing(api.target, _ANNOUNCEMENT):
        return 0
    text = f"Maintenance tonight. Reference {api.secrets.control()}"
    shown = int(api.monitor.operator(OperatorOperation.ANNOUNCE, text=text)["sessions"])
    api.rest(_HEARD_S)
    return shown


def _search(record: ContaminationRecord, kind: Place, search: Callable[[], Search]) -> None:
    """What keeps one place from being searched keeps no other one from it."""
    try:
        record.searches.append(search())
    except NotExamined as error:
        record.not_searched[kind] = str(error)
    except NotOffered as error:
        record.not_offered[kind] = str(error)


def _exchange_harmless_texts(api: Api, users: list[TenantAgent], record: ContaminationRecord) -> None:
    """Some users send themselves their own secrets in every encoding; the operator announces something."""
    api.engine.take_frames()
    work = SecretWork(api, users)
    for number, encode in enumerate(ENCODERS):
        work.ask(RequestKind.REPORT, _writing(api, encode, 50 + number), most=MOST_SECOND_SESSIONS)
    record.encodings = len(ENCODERS)
    record.announced_to = _announce(api)
    search = FrameSearch(api.secrets, "harmless frames")
    record.harmless = search.search(api.engine.read_frames(search), Planted(controls=record.announced_to))


def _writing(api: Api, encode: Callable[[str], str], sequence: int) -> Arguments:
    return lambda user: {"text": encode(api.secrets.extra(user, sequence))}
