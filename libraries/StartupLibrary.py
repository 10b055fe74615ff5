"""Many users at once: starting them, and what the start costs."""

from __future__ import annotations

import time
import uuid

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.engine import ConnectOptions, Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.resources.platform_load import WINDOW_S, judge_cpu, judge_memory, judge_pool, report_agents
from isolation.judge.traffic.startup import (
    Startup,
    judge_contexts,
    judge_distinct,
    judge_each_start,
    judge_start_percentiles,
    judge_startup,
    judge_whole_case,
)
from isolation.record import Measurement, Operation, ProcessRef, Sample
from isolation.record.platform_samples import PlatformSample
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.many_users import HANDSHAKE_WITHIN, answer_within, ask_at_once, limit_of, start_limit, user_count
from robot_support.quantities import CONVERTERS, Duration, Percentage
from robot_support.scenario import Window, scenario
from robot_support.start_charts import phase_distribution, start_waterfall
from robot_support.starts import profile_of, startups_of

_SAVE_WITHIN = 10.0
_WATCH_EVERY = 0.2


@library(scope="GLOBAL", converters=CONVERTERS)
class StartupLibrary(DynamicCore):
    """Starts as many users as the profile says, or ``CONCURRENT_TEST_USERS``, all at the same moment.

    A user has started when its own first message has been answered. No try is repeated: a connection that fails once
    has failed. ``AGENT_STARTUP_TIMEOUT`` and ``CONCURRENT_TEST_TIMEOUT`` say how long answers are waited for;
    ``MAX_AGENT_STARTUP_TIME``, ``MAX_TOTAL_TEST_TIME`` and ``MIN_SUCCESS_RATE`` replace the limits of the catalogue.
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    # --- starting -----------------------------------------------------------------------------------------------------

    @keyword
    def connect_everybody_at_once(self) -> None:
        """Create the users, each of a tenant of its own, and open all connections at the same moment.

        From here on the platform as a whole is watched: processor, memory, database connections.

        Example:
        | Connect Everybody At Once |
        """
        run, now = runs.current(), scenario()
        agents = run.manager.create_tenant_agents(user_count(), prefix="user")
        now.tenants.extend(agents)
        assert run.doors is not None
        if run.doors.pid:
            database = run.store_addresses().get("postgresql", "")
            run.monitor.call("watch_platform", run.doors.pid, database, _WATCH_EVERY)
        options = ConnectOptions(at_once=len(agents), attempts=1, timeout_s=HANDSHAKE_WITHIN)
        now.marks["burst"] = time.monotonic()
        now.openings.extend(run.manager.connect(agents, options, timeout=answer_within()))

    @keyword
    def save_profiles(self) -> None:
        """Let every connected user save its own profile: a budget that nobody else has, a region and a tier.

        Example:
        | Save Profiles |
        """
        numbers = {agent.name: number for number, agent in enumerate(scenario().tenants, 1)}
        requests = [
            Request(
                agent.name, "state_put", {"scope": "profile", "key": "me", "value": profile_of(numbers[agent.name])}
            )
            for agent in _connected()
        ]
        scenario().operations["profiles"] = ask_at_once(requests, _SAVE_WITHIN)

    @keyword
    def send_first_messages(self) -> None:
        """Let every connected user send its first message at the same instant, and wait for the answers.

        The message makes the platform start the user's agent, and asks it for the user's own profile.

        Example:
        | Send First Messages |
        """
        run, now = runs.current(), scenario()
        texts = [f"first message of {agent.user_id} {uuid.uuid4().hex}" for agent in now.tenants]
        said = dict(zip((agent.name for agent in now.tenants), texts, strict=True))
        requests = [Request(agent.name, "report", {"text": said[agent.name]}) for agent in _connected()]
        now.operations["first"] = ask_at_once(requests, answer_within())
        now.windows["start"] = Window(now.marks["burst"], time.monotonic())
        processes: list[ProcessRef] = run.monitor.call("processes") if run.target.operator is not None else []
        now.notes["agents"] = run.monitor.call("sample_now") if run.target.operator is not None else []
        # The busiest second of the start decides about the processor: a start may be shorter than that.
        time.sleep(max(0.0, now.marks["burst"] + WINDOW_S + _WATCH_EVERY - time.monotonic()))
        now.notes["platform"] = run.monitor.call("platform_samples")
        now.notes["starts"] = startups_of(
            now.tenants, texts, now.openings, _by_tenant("profiles"), _by_tenant("first"), processes
        )

    # --- CS-1 ---------------------------------------------------------------------------------------------------------

    @keyword
    def users_should_be_started(self, promise: str, connect: Duration, success: Percentage) -> None:
        """Everybody should be connected in time, and nearly all should have got their first answer.

        When nobody was answered, the report's first line says so, with counts and where the chain broke.

        Args:
            promise: Id of the promise; its limits ``connect`` and ``success`` decide.
            connect: The longest time to connect, of anybody.
            success: Smallest share of answered users; ``MIN_SUCCESS_RATE`` replaces it.

        Example:
        | Users Should Be Started | CS-1 | 10 seconds | 95 percent |
        """
        variables = runs.current().variables
        success_limit = limit_of(promise, "success", success, variables.min_success_percent, "MIN_SUCCESS_RATE")
        found = judge_startup(promise, _starts(), limit_of(promise, "connect", connect), success_limit)
        if not any(start.succeeded for start in _starts()):
            COLLECTOR.diagnosis = COLLECTOR.diagnosis or found[-1].reason.partition("; the limit")[0]
        COLLECTOR.decide(found, start_waterfall(_starts(), start_limit(promise)))

    @keyword
    def each_start_should_take_less_than(self, promise: str, within: Duration) -> None:
        """Every single start should be quick enough.

        Args:
            promise: Id of the promise; its limit ``start`` decides.
            within: The longest start; ``MAX_AGENT_STARTUP_TIME`` replaces it.

        Example:
        | Each Start Should Take Less Than | CS-1 | 5 seconds |
        """
        COLLECTOR.decide(judge_each_start(promise, _starts(), start_limit(promise, within)))

    @keyword
    def all_starts_together_should_take_less_than(self, promise: str, within: Duration) -> None:
        """The start of all users, from the first handshake to the last first answer, should be over in time.

        Args:
            promise: Id of the promise; its limit ``total`` decides.
            within: The longest time; ``MAX_TOTAL_TEST_TIME`` replaces it.

        Example:
        | All Starts Together Should Take Less Than | CS-1 | 3 minutes |
        """
        milliseconds = runs.current().variables.max_total_milliseconds
        seconds = milliseconds / 1000 if milliseconds is not None else None
        ends = [op.completed_at for op in scenario().operations["first"] if op.answered and op.completed_at is not None]
        took = max(ends) - scenario().marks["burst"] if ends else None
        limit = limit_of(promise, "total", within, seconds, "MAX_TOTAL_TEST_TIME")
        COLLECTOR.decide(judge_whole_case(promise, took, len(_starts()), limit))

    @keyword
    def everybody_should_have_things_of_its_own(self, promise: str) -> None:
        """No two users should share an agent instance, a session id or a process.

        Args:
            promise: Id of the promise.

        Example:
        | Everybody Should Have Things Of Its Own | CS-1 |
        """
        COLLECTOR.decide(judge_distinct(promise, _starts()))

    @keyword
    def every_answer_should_carry_its_own_context(self, promise: str) -> None:
        """Every first answer should carry the budget, region and tier of its own user, and the text of its own message.

        Args:
            promise: Id of the promise.

        Example:
        | Every Answer Should Carry Its Own Context | CS-1 |
        """
        COLLECTOR.decide(judge_contexts(promise, _starts()))

    # --- CS-3 ---------------------------------------------------------------------------------------------------------

    @keyword
    def start_times_should_be_within(self, promise: str, p95: Duration, p99: Duration) -> None:
        """Percentiles of the start time should be within their limits; each phase is reported with its histogram.

        With too few users for a percentile the slowest start decides, and the sentence says so.

        Args:
            promise: Id of the promise; its limits ``p95`` and ``p99`` decide.
            p95: Limit of the 95th percentile.
            p99: Limit of the 99th percentile.

        Example:
        | Start Times Should Be Within | CS-3 | 5 seconds | 8 seconds |
        """
        limits = {0.95: limit_of(promise, "p95", p95), 0.99: limit_of(promise, "p99", p99)}
        found = judge_start_percentiles(promise, _starts(), limits)
        COLLECTOR.decide(found, start_waterfall(_starts(), limits[0.95]), phase_distribution(_starts(), limits[0.95]))

    @keyword
    def platform_should_use_little(self, promise: str) -> None:
        """Memory and processor of all processes of the platform should stay within their limits during the start.

        Memory and processor time of one agent are reported beside it.

        Args:
            promise: Id of the promise; its limits ``memory`` and ``cpu`` decide.

        Example:
        | Platform Should Use Little | CS-3 |
        """
        run, window = runs.current(), scenario().windows["start"]
        cores = run.environment().cores
        cpu = judge_cpu(promise, _platform(), window.start, window.end, cores, run.limit(promise, "cpu"))
        memory = judge_memory(promise, _platform(), run.limit(promise, "memory"), len(_starts()))
        agents = scenario().notes["agents"]
        assert isinstance(agents, list)
        own = set(scenario().names)
        samples: list[Sample] = [sample for sample in agents if sample.tenant in own]
        COLLECTOR.decide([_answered(promise), memory, cpu, *report_agents(promise, samples)])

    @keyword
    def database_pool_should_suffice(self, promise: str) -> None:
        """Database connections should stay within the pool, by the platform's word and by the database's own count.

        Args:
            promise: Id of the promise; its limit ``pool`` decides.

        Example:
        | Database Pool Should Suffice | CS-3 |
        """
        COLLECTOR.decide([_answered(promise), *judge_pool(promise, _platform(), runs.current().limit(promise, "pool"))])


def _connected() -> list[TenantAgent]:
    known = {agent.name for agent in runs.current().manager.connected}
    return [agent for agent in scenario().tenants if agent.name in known]


def _by_tenant(name: str) -> dict[str, Operation]:
    return {operation.tenant: operation for operation in scenario().operations[name]}


def _answered(promise: str) -> Measurement:
    """The share of answered users: what a start costs means nothing when nobody has started."""
    run = runs.current()
    connect = run.limit("CS-1", "connect")
    success = limit_of("CS-1", "success", None, run.variables.min_success_percent, "MIN_SUCCESS_RATE")
    return judge_startup(promise, _starts(), connect, success)[1]


def _starts() -> list[Startup]:
    starts = scenario().notes.get("starts")
    if not isinstance(starts, list):
        raise ValueError("Nobody has started in this scenario: 'Send First Messages' comes first.")
    return starts


def _platform() -> list[PlatformSample]:
    samples = scenario().notes["platform"]
    assert isinstance(samples, list)
    return samples
