"""Connections at work: steady load, single requests, and whether they were answered."""

from __future__ import annotations

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.engine import Request
from isolation.drive.load.plans import Stream
from isolation.judge.traffic.answers import judge_answer_rate, judge_answer_time, judge_answers, judge_lateness
from isolation.judge.traffic.served import judge_served
from isolation.record import Operation
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.quantities import CONVERTERS, Duration, Rate
from robot_support.scenario import scenario

_ANSWER_WITHIN = 8.0
_LONG = 3_600.0


@library(scope="GLOBAL", converters=CONVERTERS)
class ConnectionLibrary(DynamicCore):
    """Sends requests over the tenants' connections and judges the answers.

    An answer counts only when it carries the request's own correlation id and completes it.
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    @keyword
    def start_steady_work(self, rate: Rate, work: Duration, load: str = "steady", but: int = 0) -> None:
        """Let every tenant ask for typical work at a steady rate, until the load is ended.

        Args:
            rate: Requests of each tenant.
            work: Processor time of each request.
            load: Name of the load, for later sentences.
            but: Number of a tenant that does not take part; 0 for none.

        Example:
        | Start Steady Work | 5 requests/s | 3 ms |
        """
        streams = [
            Stream(tenant.name, "typical", rate, {"milliseconds": work * 1000})
            for number, tenant in enumerate(scenario().tenants, 1)
            if number != but
        ]
        began = runs.current().engine.call("start_load", load, streams, _LONG, _ANSWER_WITHIN)
        scenario().marks[load] = began

    @keyword
    def end_work(self, load: str = "steady") -> list[Operation]:
        """End a load and keep what was asked and answered.

        Args:
            load: Name of the load.

        Example:
        | End Work |
        """
        operations: list[Operation] = runs.current().engine.call("end_load", load, timeout=_ANSWER_WITHIN + 20)
        scenario().operations[load] = operations
        return operations

    @keyword
    def ask_all(self, kind: str = "typical", **arguments: int | float) -> list[Operation]:
        """Let every tenant ask once, all at the same time, and wait for the answers.

        Args:
            kind: What to ask for, in the target file's words.
            **arguments: Its arguments, which are numbers.

        Example:
        | Ask All | typical | milliseconds=3 |
        """
        return self.ask_some(kind, *range(1, len(scenario().tenants) + 1), **arguments)

    @keyword
    def ask_some(self, kind: str, *numbers: int, **arguments: int | float) -> list[Operation]:
        """Let some tenants ask once, all at the same time, and wait for the answers.

        Args:
            kind: What to ask for, in the target file's words.
            numbers: Numbers of the tenants.
            **arguments: Its arguments, which are numbers.

        Example:
        | Ask Some | typical | 1 | 2 | milliseconds=3 |
        """
        requests = [Request(scenario().tenant(number).name, kind, dict(arguments)) for number in numbers]
        operations: list[Operation] = runs.current().engine.call("ask", requests, 30.0, timeout=45)
        scenario().operations[kind] = operations
        return operations

    @keyword
    def requests_should_be_answered(self, promise: str, load: str = "steady") -> None:
        """The promised share of the requests of a load should have been answered.

        Args:
            promise: Id of the promise; its limit ``answered`` decides.
            load: Name of the load.

        Example:
        | Requests Should Be Answered | RI-6 |
        """
        limit = runs.current().limit(promise, "answered")
        connected = sum(1 for opening in scenario().openings if opening.opening is not None)
        operations = scenario().operations[load]
        COLLECTOR.decide(judge_answers(operations, promise, limit, connected, len(scenario().tenants)))

    @keyword
    def answers_should_come_within(self, promise: str, within: Duration, load: str = "steady") -> None:
        """The slowest tenant's answers (P95) should come within the limit; also says whether the suite itself was on time.

        Args:
            promise: Id of the promise.
            within: The longest answer time.
            load: Name of the load.

        Example:
        | Answers Should Come Within | RI-1 | 2 seconds |
        """
        run = runs.current()
        operations = scenario().operations[load]
        on_time = judge_lateness(operations, promise, run.limit("RI-4", "lateness"))
        COLLECTOR.decide(
            [judge_answer_time(operations, promise, run.limit(promise, "answer time", within), 0.95), on_time]
        )

    @keyword
    def answer_rate_should_hold(self, promise: str, load: str, window: str) -> None:
        """Every tenant should have been answered often enough in a watched stretch of time.

        Args:
            promise: Id of the promise; its limit ``answer rate`` decides.
            load: Name of the load.
            window: Name of the stretch of time.

        Example:
        | Answer Rate Should Hold | RI-1 | typical | under load |
        """
        now, limit = scenario(), runs.current().limit(promise, "answer rate")
        watched = now.windows[window]
        COLLECTOR.decide(judge_answer_rate(now.operations[load], promise, limit, now.names, watched.start, watched.end))

    @keyword
    def normal_service_should_resume(self, promise: str, occasion: str, *numbers: int) -> None:
        """Some tenants (all when none is named) ask again, and should be answered.

        Args:
            promise: Id of the promise; its limit ``answered`` decides.
            occasion: After what, such as ``after the excess``.
            numbers: Numbers of the tenants.

        Example:
        | Normal Service Should Resume | RI-2 | after the excess | 3 |
        """
        chosen = numbers or tuple(range(1, len(scenario().tenants) + 1))
        operations = [operation for _ in range(3) for operation in self.ask_some("typical", *chosen, milliseconds=3)]
        limit = runs.current().limit(promise, "answered")
        COLLECTOR.decide(judge_served(promise, "answered again", operations, limit, occasion))
