"""Leaks: tenants that leak, run away or never end, and healthy ones that only look like it."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import psutil
from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.engine import Request
from isolation.drive.load.plans import Stream
from isolation.judge.resources.leaks import ResourceLeakDetector, judge_healthy_left_alone
from isolation.judge.resources.runaways import (
    judge_cleaned_up,
    judge_operation_ends,
    judge_runaway_stopped,
    judge_sustained,
)
from isolation.judge.rules.clocks import first_event, judge_innocents, judge_named
from isolation.judge.rules.series import Reading, memory_readings
from isolation.record import Operation, Sample, Verdict
from robot_support import run as runs
from robot_support.book import BOOK
from robot_support.graphs import cpu_chart, memory_chart
from robot_support.quantities import CONVERTERS, Duration, Size
from robot_support.scenario import scenario

_ACCUSING = (
    "memory_leak",
    "handle_leak",
    "connection_leak",
    "runaway",
    "noisy_tenant",
    "quota_exceeded",
    "sustained_cpu",
)
_LONGEST_WAIT = 20.0
_LOOKS = 20
"""At a leak of handles, one right after the other; each takes some 15 ms."""
_WINDOW = 5.0
"""Seconds over which a runaway's processor time is averaged."""
_TOLERANCES = {"memory": 5 * 1024 * 1024, "handle": 5, "connection": 0}
_THINGS = {"memory": "bytes of memory", "handle": "file handles", "connection": "database connections"}


@library(scope="GLOBAL", converters=CONVERTERS)
class LeakLibrary(DynamicCore):
    """Lets tenants leak, and follows what the platform finds and does, beside the suite's own detector."""

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])
        self._endless: Future[list[Operation]] | None = None

    @keyword
    def begin_to_leak_memory(self, number: int, per_minute: Size) -> None:
        """Let one tenant's agent take memory steadily and never give it back.

        Args:
            number: Number of the tenant.
            per_minute: How much in a minute.

        Example:
        | Begin To Leak Memory | 1 | 60 MB |
        """
        _begin(number, "memory_leak", {"megabytes_per_minute": float(per_minute), "seconds": 120})

    @keyword
    def leak_handles(self, number: int, count: int) -> None:
        """Let one tenant's agent open files and never close them.

        Args:
            number: Number of the tenant.
            count: How many.

        Example:
        | Leak Handles | 2 | 50 |
        """
        _begin(number, "handle_leak", {"count": count})
        # It takes an instant, and the platform may end it before the next regular sample.
        for _ in range(_LOOKS):
            runs.current().monitor.call("sample_now")

    @keyword
    def leak_connections(self, number: int, count: int) -> None:
        """Let one tenant's agent take database connections and never return them.

        Args:
            number: Number of the tenant.
            count: How many.

        Example:
        | Leak Connections | 3 | 3 |
        """
        _begin(number, "connection_leak", {"count": count})

    @keyword
    def run_away(self, number: int) -> None:
        """Let one tenant begin a calculation that never ends by itself.

        Args:
            number: Number of the tenant.

        Example:
        | Run Away | 4 |
        """
        _begin(number, "endless_loop", {})

    @keyword
    def begin_an_operation_that_never_ends(self, number: int) -> None:
        """Let one tenant begin an operation that waits forever.

        Args:
            number: Number of the tenant.

        Example:
        | Begin An Operation That Never Ends | 5 |
        """
        name = scenario().tenant(number).name
        scenario().marks[f"endless {name}"] = time.monotonic()
        pool = ThreadPoolExecutor(1)
        self._endless = pool.submit(
            runs.current().engine.call, "ask", [Request(name, "never_ending", {})], 30.0, timeout=40.0
        )
        pool.shutdown(wait=False)

    @keyword
    def behave_healthily(self, warm_up: int, bounded_cache: int, saw_tooth: int) -> None:
        """Let three tenants do harmless things that look like leaks: warm up, fill a bounded cache, grow and free in turns.

        Args:
            warm_up: Number of the tenant that warms up.
            bounded_cache: Number of the tenant that fills a cache.
            saw_tooth: Number of the tenant whose memory rises and falls.

        Example:
        | Behave Healthily | 6 | 7 | 8 |
        """
        _begin(warm_up, "warm_up", {"megabytes": 60, "seconds": 5})
        _begin(bounded_cache, "bounded_cache", {"megabytes": 40, "seconds": 8})
        _begin(saw_tooth, "saw_tooth", {"megabytes": 60, "seconds": 60, "period_seconds": 5})

    @keyword
    def leak_should_be_reported(self, promise: str, number: int, kind: str, within: Duration) -> None:
        """The platform should report a leak, by the right kind and name, in time.

        Args:
            promise: Id of the promise; its limit ``leak named`` decides.
            number: Number of the tenant.
            kind: ``memory``, ``handle`` or ``connection``.
            within: The longest time.

        Example:
        | Leak Should Be Reported | RI-3 | 1 | memory | 60 seconds |
        """
        name, since = scenario().tenant(number).name, scenario().marks[f"{kind}_leak {scenario().tenant(number).name}"]
        alert = f"{kind}_leak"
        _wait_for_alert(name, alert, since, since + within)
        limit = runs.current().limit(promise, "leak named", within)
        found = judge_named(
            promise, f"time until the {kind} leak was reported", scenario().events(), (alert,), name, since,
            f"reported as leaking ({kind})", limit,
        )  # fmt: skip
        charts = (
            [memory_chart(scenario().samples(), scenario().events(), [name], None, f"{name} leaks memory")]
            if kind == "memory"
            else []
        )
        BOOK.decide(found, *charts)

    @keyword
    def leak_should_be_cleaned_up(self, promise: str, number: int, kind: str, within: Duration) -> None:
        """What a tenant leaked should be gone again, by itself.

        Args:
            promise: Id of the promise; its limit ``cleaned up`` decides.
            number: Number of the tenant.
            kind: ``memory``, ``handle`` or ``connection``.
            within: The longest time after the leak was reported.

        Example:
        | Leak Should Be Cleaned Up | RI-3 | 2 | handle | 60 seconds |
        """
        now, name = scenario(), scenario().tenant(number).name
        began = now.marks[f"{kind}_leak {name}"]
        alert = first_event(now.events(), "alert", (f"{kind}_leak",), name, began)
        since = alert.seen_at if alert else began
        before, tolerance = _before(kind, name, began), _TOLERANCES[kind]
        while time.monotonic() < since + min(within, _LONGEST_WAIT):
            readings = _readings(kind, name, began)
            counted_since = bool(readings) and (readings[-1].at > since or _has_ended(name))
            if counted_since and before is not None and readings[-1].value <= before + tolerance:
                break
            time.sleep(0.5)
        limit = runs.current().limit(promise, "cleaned up", within)
        BOOK.decide(
            judge_cleaned_up(
                promise, _THINGS[kind], name, before, _readings(kind, name, began), since, tolerance, limit
            )
        )

    @keyword
    def own_detector_should_leave_alone(self, promise: str, *healthy: int) -> None:
        """The suite's own leak detector should not take healthy tenants for leaking; its error is INCONCLUSIVE.

        Args:
            promise: Id of the promise.
            healthy: Numbers of the healthy tenants.

        Example:
        | Own Detector Should Leave Alone | RI-3 | 6 | 7 | 8 |
        """
        detector = ResourceLeakDetector(runs.current().limit(promise, "leak slope"))
        names = [scenario().tenant(n).name for n in healthy]
        found = judge_healthy_left_alone(promise, detector, scenario().samples(), names)
        if found.verdict is Verdict.FAIL:
            # The suite's own detector erred: that says nothing about the target.
            found = found.model_copy(update={"verdict": Verdict.INCONCLUSIVE})
        BOOK.decide(found)

    @keyword
    def runaway_should_be_stopped(self, promise: str, number: int, within: Duration) -> None:
        """A calculation that never ends should be stopped in time: its usage falls and the audit trail says so.

        Args:
            promise: Id of the promise; its limit ``runaway stopped`` decides.
            number: Number of the tenant.
            within: The longest time.

        Example:
        | Runaway Should Be Stopped | RI-3 | 4 | 30 seconds |
        """
        name = scenario().tenant(number).name
        since = scenario().marks[f"endless_loop {name}"]
        stopped = None
        while stopped is None and time.monotonic() < since + within + 2:
            stopped = first_event(scenario().events(), "audit", ("agent_stopped",), name, since)
            time.sleep(0.3)
        # A whole window of samples has to lie after the stop.
        time.sleep(max(0.0, (stopped.seen_at if stopped else 0.0) + _WINDOW - time.monotonic()))
        samples, events = _until_after_its_end(scenario().samples(), name), scenario().events()
        limit = runs.current().limit(promise, "runaway stopped", within)
        found = judge_runaway_stopped(promise, samples, events, ("agent_stopped",), name, since, _WINDOW, limit)
        BOOK.decide(found, cpu_chart(samples, events, [name], None, f"{name} runs away and is stopped"))

    @keyword
    def operation_should_end(self, promise: str, within: Duration) -> None:
        """The operation that never ends should be ended by the platform, with its time-out code.

        Args:
            promise: Id of the promise; its limit ``operation ends`` decides.
            within: The longest time.

        Example:
        | Operation Should End | RI-3 | 30 seconds |
        """
        assert self._endless is not None, "no endless operation was begun"
        limit = runs.current().limit(promise, "operation ends", within)
        BOOK.decide(judge_operation_ends(promise, self._endless.result(), "timeout", limit))

    @keyword
    def healthy_tenants_should_be_left_alone(self, promise: str, *numbers: int) -> None:
        """No alert should accuse a healthy tenant.

        Args:
            promise: Id of the promise.
            numbers: Numbers of the healthy tenants.

        Example:
        | Healthy Tenants Should Be Left Alone | RI-3 | 6 | 7 | 8 |
        """
        now = scenario()
        healthy = {now.tenant(number).name for number in numbers}
        guilty = {tenant.name: now.began_at for tenant in now.tenants if tenant.name not in healthy}
        found = judge_innocents(
            promise, "alerts against healthy tenants", now.events(), _ACCUSING, now.names, guilty, now.began_at
        )
        BOOK.decide(
            found,
            memory_chart(now.samples(), now.events(), sorted(healthy), None, "Healthy tenants that look like leaks"),
        )

    @keyword
    def use_a_whole_core(self, number: int, duration: Duration) -> None:
        """Let one tenant, whom the operator allows a whole core, begin to calculate all the time, in many short requests.

        Args:
            number: Number of the tenant.
            duration: How long; a few seconds are added, so that the platform has time to notice.

        Example:
        | Use A Whole Core | 9 | 20 seconds |
        """
        tenant = scenario().tenant(number)
        runs.current().operator("set_quota", tenant=tenant.tenant_id, cpu_percent=None, memory_bytes=None)
        stream = Stream(tenant.name, "cpu", 4.0, {"milliseconds": 240})
        seconds = duration + 8
        began = runs.current().engine.call("start_load", "whole core", [stream], seconds, 8.0)
        scenario().marks["whole core until"] = began + seconds

    @keyword
    def sustained_use_should_be_flagged(self, promise: str, number: int, duration: Duration) -> None:
        """A tenant that uses most of a core for a long time should be flagged by the platform, and only such a tenant.

        Waits until it has used the core long enough.

        Args:
            promise: Id of the promise; its limit ``sustained use`` decides.
            number: Number of the tenant.
            duration: How long its use is sustained.

        Example:
        | Sustained Use Should Be Flagged | RI-3 | 9 | 20 seconds |
        """
        name, run = scenario().tenant(number).name, runs.current()
        time.sleep(max(0.0, scenario().marks["whole core until"] - time.monotonic()))
        run.engine.call("end_load", "whole core", timeout=60.0)
        limit = run.limit(promise, "sustained use")
        samples, events = scenario().samples(), scenario().events()
        found = judge_sustained(promise, samples, events, ("sustained_cpu",), limit, float(duration))
        BOOK.decide(found, cpu_chart(samples, events, [name], None, f"{name} uses a core for {duration:g} s"))


def _until_after_its_end(samples: list[Sample], name: str) -> list[Sample]:
    """The same samples and, when the tenant has no process any more, what is known of it since: it uses nothing more."""
    own = [sample for sample in samples if sample.tenant == name]
    if not own or not _has_ended(name):
        return samples
    last, step = own[-1], runs.current().profile.sampling
    ends = [last.at + (number + 1) * step for number in range(int((time.monotonic() - last.at) / step))]
    return [*samples, *(replace(last, at=at) for at in ends)]


def _has_ended(name: str) -> bool:
    """Whether a tenant has no process any more: by the operator's door, and by the kernel for every process ever sampled.

    The door alone would be believed when it stops showing a process that runs on.
    """
    if any(ref.tenant == name for ref in runs.current().monitor.call("processes")):
        return False
    return not any(psutil.pid_exists(pid) for pid in {s.pid for s in scenario().samples() if s.tenant == name})


def _begin(number: int, kind: str, arguments: dict[str, object]) -> None:
    name = scenario().tenant(number).name
    began = runs.current().engine.call("begin", [Request(name, kind, arguments)])
    scenario().marks[f"{kind} {name}"] = began[0]


def _wait_for_alert(name: str, kind: str, since: float, deadline: float) -> None:
    while time.monotonic() < deadline and first_event(scenario().events(), "alert", (kind,), name, since) is None:
        time.sleep(0.3)


def _before(kind: str, name: str, began: float) -> float | None:
    earlier = [reading for reading in _readings(kind, name, 0.0) if reading.at < began]
    return earlier[-1].value if earlier else None


def _readings(kind: str, name: str, since: float) -> list[Reading]:
    """How many things the tenant holds, over time; one whose process has ended holds none from the next sweep on."""
    if kind == "connection":
        usage = scenario().operator_usage(name)
        return [Reading(one.at, float(one.database_connections)) for one in usage if one.at >= since]
    own = [sample for sample in scenario().samples() if sample.tenant == name and sample.at >= since]
    if kind == "handle":
        readings = [Reading(sample.at, float(sample.handles)) for sample in own if sample.handles is not None]
    else:
        readings = memory_readings(own, name)
    if readings and _has_ended(name):
        next_sweep = readings[-1].at + runs.current().profile.sampling
        readings.append(Reading(min(next_sweep, time.monotonic()), 0.0))
    return readings
