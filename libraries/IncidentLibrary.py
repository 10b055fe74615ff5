"""Incidents that happened elsewhere, staged: cancelled requests, a shared cache, used connections, broadcasts, storms."""

from __future__ import annotations

import time

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from contamination.prober import prober
from contamination.searching import Search, search_frames
from contamination.secrets import run_secrets
from isolation.drive.probe.incidents import LEFT, Staged
from isolation.judge.access.incidents import (
    judge_broadcast,
    judge_cache_content,
    judge_cache_timing,
    judge_cancelled,
    judge_left_in_the_middle,
    judge_own_answers,
    judge_resumed,
    judge_storm,
)
from isolation.judge.data.cross_contamination import judge_inspection
from isolation.record import Frame, Measurement
from isolation.record.exchanges import Exchange, Return
from isolation.record.markers import SecretKind
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.failures import NothingToSay
from robot_support.quantities import CONVERTERS, Duration
from robot_support.scenario import scenario

_FIRST_TEXT = 10_000
"""Sequence of the first marker that an incident uses: no other case of the run plants it."""


@library(scope="GLOBAL", converters=CONVERTERS)
class IncidentLibrary(DynamicCore):
    """Stages incidents with users who have secrets, and searches everything that they receive."""

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])
        self._staged = Staged([], [])
        self._exchanges: list[Exchange] = []
        self._returns: list[Return] = []
        self._announced = ""
        self._texts = _FIRST_TEXT

    @keyword
    def cancel_in_flight(self, users: int, requests: int) -> None:
        """Let some users cancel requests while they are being worked on, and ask for the next thing at once.

        Args:
            users: How many, all at the same time.
            requests: How many each of them cancels.

        Example:
        | Cancel In Flight | users=25 | requests=8 |
        """
        people = scenario().tenants[:users]
        texts = [self._own_texts(number, 2 * requests) for number in range(len(people))]
        self._staged = prober().call("cancel_in_flight", people, texts, 1, timeout=120.0)

    @keyword
    def cancelled_should_stay_cancelled(self, promise: str) -> None:
        """Nothing of a cancelled request should reach anybody, and every other request should get its own answer.

        Args:
            promise: Id of the promise.

        Example:
        | Cancelled Should Stay Cancelled | CS-2 |
        """
        staged = self._staged
        cancelled = [e for e in staged.exchanges if e.occasion == "cancelled"]
        others = [e for e in staged.exchanges if e.occasion != "cancelled"]
        COLLECTOR.decide([
            judge_cancelled(promise, cancelled, staged.frames),
            judge_own_answers(promise, "after a cancellation", others),
            self._searched(promise, staged.frames, "frames around cancellations"),
        ])  # fmt: skip

    @keyword
    def ask_the_same_questions(self, askers: int, strangers: int, questions: int) -> None:
        """Let some users ask questions twice, and strangers the same questions and new ones.

        Args:
            askers: How many users ask first.
            strangers: How many users of other tenants ask afterwards.
            questions: How many questions.

        Example:
        | Ask The Same Questions | askers=6 | strangers=12 | questions=24 |
        """
        people = scenario().tenants
        first, others = people[:askers], people[askers : askers + strangers]
        known = [f"What about the market in region {number}?" for number in range(questions)]
        fresh = [f"What about the prices in region {number}?" for number in range(questions)]
        run_id = runs.current().run_id
        known, fresh = [f"{text} {run_id}" for text in known], [f"{text} {run_id}" for text in fresh]
        self._exchanges = prober().call("ask_the_same", first, others, known, fresh, 1, timeout=120.0)

    @keyword
    def no_answer_should_be_shared(self, promise: str) -> None:
        """No stranger should get a cached answer of somebody else.

        Args:
            promise: Id of the promise.

        Example:
        | No Answer Should Be Shared | CS-2 |
        """
        users = {tenant.user_id: tenant.name for tenant in scenario().tenants}
        COLLECTOR.decide(judge_cache_content(promise, self._exchanges, users))

    @keyword
    def no_answer_should_come_sooner(self, promise: str) -> None:
        """Questions that others have asked should take a stranger as long as new ones.

        Args:
            promise: Id of the promise.

        Example:
        | No Answer Should Come Sooner | CS-2 |
        """
        COLLECTOR.decide(judge_cache_timing(promise, self._exchanges))

    @keyword
    def connect_after_others(self, pairs: int) -> None:
        """Let users leave in the middle of their work, and newcomers connect in the same moment.

        Args:
            pairs: How many times.

        Example:
        | Connect After Others | pairs=10 |
        """
        pairs = min(pairs, len(scenario().tenants) // 2)
        secrets, people = run_secrets(), scenario().tenants[-2 * pairs :]
        leaving, coming = people[:pairs], people[pairs:]
        profiles = [secrets.texts(agent, SecretKind.COMPANY, SecretKind.API_KEY) for agent in leaving]
        texts = [secrets.extra(agent, self._next_texts(1)) for agent in coming]
        couples = list(zip(leaving, coming, strict=True))
        self._staged = prober().call("use_after_others", couples, profiles, texts, timeout=120.0)

    @keyword
    def newcomers_should_find_nothing(self, promise: str) -> None:
        """No newcomer should have received anything of the user before, and every answer should be its own.

        Args:
            promise: Id of the promise.

        Example:
        | Newcomers Should Find Nothing | CS-2 |
        """
        exchanges = self._staged.exchanges
        left = [exchange for exchange in exchanges if exchange.occasion == LEFT]
        looks = [exchange for exchange in exchanges if exchange.occasion != LEFT and not exchange.asked]
        COLLECTOR.decide([
            *judge_left_in_the_middle(promise, left, looks),
            judge_own_answers(promise, "after somebody else", [exchange for exchange in exchanges if exchange.asked]),
            self._searched(promise, self._staged.frames, "frames of newcomers"),
        ])  # fmt: skip

    @keyword
    def announce_to_the_crowd(self) -> None:
        """Connect everybody, let each ask once, and let the operator announce a text with a control in it.

        Example:
        | Announce To The Crowd |
        """
        if runs.current().target.operator is None:
            raise NothingToSay("NOT APPLICABLE: the target has not declared an operator door.")
        self._gather()
        self._announced = run_secrets().control()
        runs.current().operator("announce", text=f"Maintenance tonight. Reference {self._announced}")
        time.sleep(0.5)

    @keyword
    def announcement_should_be_heard_once(self, promise: str) -> None:
        """Everybody should have heard the announcement exactly once, and nothing of anybody else.

        Args:
            promise: Id of the promise.

        Example:
        | Announcement Should Be Heard Once | CS-2 |
        """
        frames: list[Frame] = prober().call("crowd_frames")
        COLLECTOR.decide([
            judge_broadcast(promise, scenario().names, frames, self._announced),
            self._searched(promise, frames, "frames around a broadcast"),
        ])  # fmt: skip

    @keyword
    def cut_everybody_off(self, times: int) -> None:
        """Cut all connections at once and let everybody come back at once.

        Args:
            times: How many times.

        Example:
        | Cut Everybody Off | times=2 |
        """
        self._gather()
        self._returns, self._exchanges = [], []
        for _ in range(times):
            returns, exchanges = prober().call("storm", self._one_text_each(), timeout=120.0)
            self._returns.extend(returns)
            self._exchanges.extend(exchanges)

    @keyword
    def everybody_should_be_back(self, promise: str, within: Duration) -> None:
        """Everybody should be back in time, with the own session and the own answers.

        Args:
            promise: Id of the promise.
            within: The longest time.

        Example:
        | Everybody Should Be Back | CS-2 | 10 seconds |
        """
        frames: list[Frame] = prober().call("crowd_frames")
        prober().call("disperse_crowd")
        COLLECTOR.decide([
            judge_storm(promise, self._returns, runs.current().limit("CS-1", "connect", within)),
            *judge_resumed(promise, self._returns),
            judge_own_answers(promise, "after the storm", self._exchanges),
            self._searched(promise, frames, "frames of the storm"),
        ])  # fmt: skip

    def _gather(self) -> None:
        prober().call("gather_crowd", scenario().tenants, self._one_text_each(), timeout=120.0)

    def _searched(self, promise: str, frames: list[Frame], kind: str) -> Measurement:
        """Search what everybody received; that each found its own texts proves that the search works."""
        found: Search = search_frames(run_secrets(), frames, kind)
        received = {frame.user for frame in frames}
        found.control_found = bool(received) and {person.user for person in found.seen.own} >= received
        return judge_inspection(promise, kind, found.seen, found.control_found, found.missed)

    def _own_texts(self, number: int, count: int) -> list[str]:
        first = self._next_texts(count)
        return [run_secrets().extra(scenario().tenants[number], first + index) for index in range(count)]

    def _one_text_each(self) -> list[str]:
        sequence = self._next_texts(1)
        return [run_secrets().extra(agent, sequence) for agent in scenario().tenants]

    def _next_texts(self, count: int) -> int:
        first, self._texts = self._texts, self._texts + count
        return first
