"""The walk through a target file: start, users, sessions, requests, bad credentials, things, operator, what can be examined."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from pathlib import Path

from isolation.drive.platform.doors import Doors
from isolation.drive.platform.identities import GivenUsers, IdentityError, Person, make_users, remove_users
from isolation.drive.platform.launch import LaunchError, Platform
from isolation.drive.platform.tenants import TenantAgent, new_run_id
from isolation.drive.session.access import Access
from isolation.drive.session.opening import SessionError
from isolation.drive.watch.operator import OperatorApi, OperatorError
from isolation.record import Operation
from isolation.scenarios.check_target.promises import by_experiment
from isolation.scenarios.check_target.report import CheckReport, in_words
from isolation.scenarios.check_target.seen import Rules, SeenSession, is_undescribed
from isolation.scenarios.check_target.things import ThingWalk
from isolation.settings.errors import SettingsError
from isolation.settings.profile import Profile
from isolation.target.interpreter import UnknownRequest
from isolation.target.interpreter.conditions import compile_when
from isolation.target.interpreter.frames import message
from isolation.target.model import Target
from isolation.target.model.session import BadCredential
from isolation.target.needs import routing_proof
from isolation.target.words import OperatorOperation, RequestKind

_ALL_IS_WELL, _CANNOT = 0, 254
_PROFILES = Path(__file__).resolve().parents[4] / "resources" / "profiles"
_CONNECT_S = 15.0
_LINGER_S = 0.2
"""How long frames that come after an answer are waited for."""
_TRIED: dict[RequestKind, dict[str, object]] = {
    RequestKind.PING: {},
    RequestKind.NOOP: {},
    RequestKind.REPORT: {},
    RequestKind.TYPICAL: {"milliseconds": 3},
    RequestKind.CPU: {"milliseconds": 10},
    RequestKind.ASK: {"question": "What is checked here?"},
    RequestKind.SESSION_INFO: {},
    RequestKind.AGENT_HEALTH: {},
}
"""Requests that harm nobody; all others are left to the suites."""
_READ_ONLY = (
    OperatorOperation.CAPABILITIES,
    OperatorOperation.USAGE,
    OperatorOperation.COUNTERS,
    OperatorOperation.ALERTS,
    OperatorOperation.AUDIT,
    OperatorOperation.SESSIONS,
    OperatorOperation.AGENTS,
    OperatorOperation.INVENTORY,
    OperatorOperation.RESIDUE,
    OperatorOperation.FOOTPRINT,
)


def check(target: Target) -> int:
    """Go through a target and print what works and what is missing.

    Returns:
        The exit code: 0, or 254 when something has to be changed first.
    """
    report = CheckReport(print)
    counts = f"{len(target.requests)} requests, {len(target.things)} things, {len(target.operator)} operations"
    report.title(f"{target.name} ({target.source}: {counts})")
    substitutions = Profile.load(_PROFILES, "quick").flat()
    platform = Platform(target, substitutions=substitutions)
    try:
        report.title("The platform")
        doors = platform.open()
        report.never_show(doors.secrets.values())
        report.works("started" if target.launch is not None else "runs already, it is not started here")
        asyncio.run(_Walk(target, doors, report).go())
    except (LaunchError, SettingsError) as error:
        report.trouble(str(error))
    except KeyboardInterrupt:
        report.trouble("interrupted; users that were made may be left on the platform")
    finally:
        ended = platform.close()
        if ended:
            report.trouble(ended)
    _conclude(target, report)
    return _CANNOT if report.troubles else _ALL_IS_WELL


class _Walk:
    def __init__(self, target: Target, doors: Doors, report: CheckReport) -> None:
        self._target, self._doors, self._report = target, doors, report
        self._run_id = new_run_id()
        self._rules = Rules(target)
        self._within = target.limits.answer_within

    async def go(self) -> None:
        access = Access(self._target, self._doors.addresses, self._doors.secrets)
        people = [
            Person(f"tenant-{number:02d}", f"{self._run_id}-t{number}", f"{self._run_id}-u{number}")
            for number in (1, 2)
        ]
        sessions: list[SeenSession] = []
        agents: list[TenantAgent] = []
        try:
            agents = await self._users(access, people)
            sessions = [one for agent in agents if (one := await self._session(access, agent)) is not None]
            if len(sessions) == 2:
                for session in sessions:
                    await self._requests(session)
                await self._things(*sessions)
                await self._bad_credential(access, agents[0])
                await self._operator(access, agents)
                self._leftover_rules()
        finally:
            for session in sessions:
                await session.close()
                if session.trouble:
                    self._report.trouble(session.trouble)
            await self._remove(access, agents or people)
            await access.close()

    async def _users(self, access: Access, people: list[Person]) -> list[TenantAgent]:
        self._report.title("Users: one each of two tenants")
        try:
            if self._target.tenants.given is not None:
                given = GivenUsers(Path(self._target.source).parent / self._target.tenants.given)
                agents = [given.take(person.name, person.role) for person in people]
            else:
                agents = await make_users(self._target, access.steps, people)
        except (IdentityError, SettingsError) as error:
            self._report.trouble(str(error))
            return []
        ids = {str(value) for agent in agents for value in (agent.user_id, agent.tenant_id, agent.role)}
        for agent in agents:
            self._report.never_show(value for value in agent.words.values() if str(value) not in ids)
            words = (
                ", ".join(word for word in agent.words if word not in ("tenant", "user", "role")) or "no further word"
            )
            self._report.works(f"{agent.name}: user {agent.user_id} of {agent.tenant_id} ({words})")
        return agents

    async def _session(self, access: Access, agent: TenantAgent) -> SeenSession | None:
        self._report.title(f"Session of {agent.name}")
        session = SeenSession(agent, agent.name, access, self._rules)
        try:
            opening = await session.open(max(_CONNECT_S, self._within))
        except SessionError as error:
            self._show(session)
            self._report.trouble(f"it cannot be opened: {error}")
            return None
        self._show(session)
        milliseconds = (opening.connected_s + opening.authenticated_s) * 1000
        self._report.works(f"open and ready after {milliseconds:.0f} ms")
        return session

    async def _requests(self, session: SeenSession) -> None:
        self._report.title(f"Requests of {session.agent.name}")
        for kind, arguments in _TRIED.items():
            if not session.can_ask(kind):
                if kind in (RequestKind.PING, RequestKind.NOOP, RequestKind.REPORT):
                    self._report.note(f"{kind}: the file has no such request")
                continue
            text = f"check {uuid.uuid4().hex[:12]}"
            given = {"text": text} if kind is RequestKind.REPORT else arguments
            try:
                operation = await session.request(kind, given, self._within)
            except UnknownRequest as error:
                self._report.trouble(f"{kind}: {error}")
                continue
            await asyncio.sleep(_LINGER_S)
            self._say_outcome(str(kind), operation, session)
            if kind is RequestKind.REPORT and operation.answered and text not in str(operation.kept):
                self._report.trouble(
                    "report: the text that was sent is in no word that is kept; keep where it comes back (answer, echo)"
                )
            self._show(session)

    def _say_outcome(self, kind: str, operation: Operation, session: SeenSession) -> None:
        if operation.answered and operation.completed_at is not None and operation.sent_at is not None:
            milliseconds = (operation.completed_at - operation.sent_at) * 1000
            self._report.works(f"{kind}: answered after {milliseconds:.0f} ms; {in_words(operation.kept)}")
        else:
            code = f" {operation.code}" if operation.code else ""
            closed = f"; the connection was closed with {session.close_code}" if session.close_code is not None else ""
            self._report.trouble(f"{kind}: {operation.outcome.value}{code}{closed}")

    async def _things(self, owner: SeenSession, stranger: SeenSession) -> None:
        if not self._target.things:
            return
        self._report.title("Things: made by tenant-01, asked for by tenant-02")
        walk = ThingWalk(self._target, owner, stranger, self._within, self._report)
        for name, thing in self._target.things.items():
            try:
                await walk.go(name, thing)
            except UnknownRequest as error:
                self._report.trouble(f"{name}: {error}")
            undescribed = [text for one in (owner, stranger) for read, text in one.take_seen() if is_undescribed(read)]
            for text in undescribed[:3]:
                self._report.frame("no rule", "other", text)

    async def _bad_credential(self, access: Access, agent: TenantAgent) -> None:
        credential = self._target.credential
        if credential is None or not agent.token:
            return
        self._report.title("A bad credential: the token of tenant-01 with a changed end")
        spoilt = agent.token[:-8] + ("A" * 8 if not agent.token.endswith("A" * 8) else "B" * 8)
        stranger = TenantAgent("stranger", agent.tenant_id, agent.user_id, agent.role, {**agent.words, "token": spoilt})
        session = SeenSession(stranger, "stranger", access, self._rules)
        status = 0
        sign, by_adapter = "it was not let in", False
        try:
            await session.open(max(_CONNECT_S, self._within))
            kind = RequestKind.NOOP if session.can_ask(RequestKind.NOOP) else RequestKind.PING
            answer = await session.request(kind, {}, self._within)
            await asyncio.sleep(_LINGER_S)
            if answer.answered:
                self._report.trouble("it was served: either a finding, or '{token}' is not what proves the user")
                return
            status = int(answer.code) if answer.code.isdigit() else 0
            sign = f"the request was {answer.outcome.value} {answer.code}"
        except SessionError as error:
            status = error.refusal.status if error.refusal is not None else 0
            by_adapter = self._target.adapter is not None and error.refusal is not None
            sign = str(error)
        finally:
            await session.close()
        if by_adapter:
            self._report.works(f"refused by the adapter ({sign})")
            return
        self._report_refusal(credential.bad, session, status, sign)

    def _report_refusal(self, bad: BadCredential, session: SeenSession, status: int, sign: str) -> None:
        code = session.close_code
        fits = compile_when(bad.frame) if bad.frame is not None else None
        told = fits is not None and any(fits(message(text)) for _, text in session.seen)
        sign = f"HTTP {status}" if status else "a frame" if told else f"close code {code}" if code else sign
        if told or status in (bad.http or ()) or (not status and code in (bad.close or ())):
            self._report.works(f"refused as described ({sign})")
        else:
            self._report.trouble(f"refused, but not as 'credential.bad' says: {sign}")

    async def _operator(self, access: Access, agents: list[TenantAgent]) -> None:
        if not self._target.operator:
            return
        self._report.title("Operator: what can be read")
        api = OperatorApi(self._target, self._doors.addresses, self._doors.secrets, access.http)
        try:
            for operation in _READ_ONLY:
                if api.offers(operation):
                    await self._read(api, operation, agents)
        finally:
            await api.close()
        others = [str(operation) for operation in self._target.operator if operation not in _READ_ONLY]
        if others:
            self._report.note(f"not tried here, because they change something: {', '.join(others)}")

    async def _read(self, api: OperatorApi, operation: OperatorOperation, agents: list[TenantAgent]) -> None:
        words = {"after": 0, "tenant": agents[0].tenant_id, "user": agents[0].user_id}
        try:
            answer = await api.ask(operation, self._within, **words)
        except OperatorError as error:
            self._report.trouble(str(error))
            return
        if isinstance(answer, dict):
            self._report.works(f"{operation}: {', '.join(answer) or 'no word was found'}")
            return
        named = {agent.tenant_id for agent in agents} | {agent.user_id for agent in agents}
        own = sum(bool(named & {str(row.get("tenant")), str(row.get("user"))}) for row in answer)
        words_found = list(dict.fromkeys(word for row in answer for word in row))
        self._report.works(
            f"{operation}: {len(answer)} rows, {own} of them of the two users; {', '.join(words_found) or 'no word was found'}"
        )

    def _leftover_rules(self) -> None:
        self._report.title("Rules of 'frames'")
        for sentence in self._rules.empty_paths():
            self._report.note(sentence)
        idle = list(self._rules.idle())
        if idle:
            self._report.note(f"took no frame in this walk: {', '.join(idle)}")
        nobody = self._rules.taken[-1] if self._target.adapter is None else 0
        self._report.note(f"{nobody} frames were taken by no rule" if nobody else "every frame was taken by a rule")

    async def _remove(self, access: Access, people: Sequence[Person | TenantAgent]) -> None:
        """Remove the users with all words that were kept when they were made: a removal may need the platform's own id."""
        if self._target.tenants.given is not None:
            return
        if not self._target.tenants.remove:
            names = " and ".join(person.user_id for person in people)
            self._report.note(f"the file does not say how users are removed: what the platform keeps of {names} stays")
            return
        self._report.title("Removal of the two users")
        for name, reason in (await remove_users(self._target, access.steps, people)).items():
            if reason:
                self._report.trouble(f"{name}: {reason}")
            else:
                self._report.works(f"{name}: removed")

    def _show(self, session: SeenSession) -> None:
        for read, text in session.take_seen():
            self._report.frame(self._rules.name(read.rule), read.meaning.value, text)


def _conclude(target: Target, report: CheckReport) -> None:
    report.title("What can be examined")
    for sentence, lacks in by_experiment(target):
        if lacks:
            report.note(f"not applicable: {sentence}")
            for lack in lacks:
                report.note(f"    {lack}")
        else:
            report.works(sentence)
    if not routing_proof(target):
        report.note(
            "nothing in an answer proves whose it is: the routing promises are NOT APPLICABLE ('correlation', 'owner')"
        )
    report.title(
        "Everything that was tried works."
        if not report.troubles
        else f"{len(report.troubles)} things have to be changed first: {report.troubles[0]}"
    )
