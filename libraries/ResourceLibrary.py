"""Resources: what every tenant's own processes use, at rest, at work and while another one works."""

from __future__ import annotations

import os
import time

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.engine import Request
from isolation.judge.resources.baseline import BaselineLimits, BaselineWindows, judge_baseline
from isolation.judge.resources.leaks import LEAK_LIMITS, LeakRule, ResourceLeakDetector, judge_healthy_left_alone
from isolation.judge.resources.overhead import SamplerCost, judge_sampling_overhead
from isolation.judge.resources.usage import Window as JudgedWindow
from isolation.record import Measurement, Verdict
from isolation.show.evidence import Overhead
from isolation.show.figures import cpu_chart, memory_chart
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.failures import BrokenEnvironment
from robot_support.quantities import CONVERTERS, Duration
from robot_support.scenario import Window, scenario

_SCALE = 50
"""Tenants for which the limit of the sampling overhead is promised."""
_MEMORY_TOLERANCE = 1.10
_RECOVERY = "memory recovery"
_LOOK_EVERY = 2.0


@library(scope="GLOBAL", converters=CONVERTERS)
class ResourceLibrary(DynamicCore):
    """Watches processes and holds what they use against the limits of the promises.

    A tenant is always represented by its own processes, found through the operator's door by process id and start time,
    never by the suite's own process. Processor numbers are per cent of one core.
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    @keyword
    def watch_for(self, duration: Duration, window: str) -> None:
        """Watch all processes for some time while nothing new is asked of them.

        Args:
            duration: How long.
            window: Name of this stretch of time, for later sentences.

        Example:
        | Watch For | 10 seconds | at rest |
        """
        monitor = runs.current().monitor
        monitor.call("sample_now")
        start = time.monotonic()
        time.sleep(duration)
        monitor.call("sample_now")
        scenario().windows[window] = Window(start, time.monotonic())

    @keyword
    def watch_until_memory_is_back(self, promise: str, window: str) -> None:
        """Watch all processes after a load until everybody's memory is back, or the promised time is over.

        Args:
            promise: Id of the promise; its limit ``memory recovery`` is the promised time.
            window: Name of this stretch of time, for later sentences.

        Example:
        | Watch Until Memory Is Back | RI-1 | after the load |
        """
        ends = scenario().windows["under load"].end + runs.current().limit(promise, _RECOVERY).value
        start = time.monotonic()
        while True:
            self.watch_for(Duration(_LOOK_EVERY), window)
            back = next(m for m in _baseline(promise) if m.metric.startswith(_RECOVERY)).verdict is Verdict.PASS
            if back or time.monotonic() > ends:
                break
        scenario().windows[window] = Window(start, time.monotonic())

    @keyword
    def let_one_work_alone(self, number: int, duration: Duration) -> None:
        """Let one tenant calculate for some time while all others rest.

        Args:
            number: Number of the tenant.
            duration: Processor time that it uses.

        Example:
        | Let One Work Alone | 1 | 4 seconds |
        """
        tenant = scenario().tenant(number)
        runs.current().engine.call("begin", [Request(tenant.name, "endless_loop", {"seconds": float(duration)})])
        self.watch_for(duration, f"alone {tenant.name}")

    @keyword
    def baseline_should_hold(self, promise: str, *subjects: str) -> None:
        """What was measured at rest, under load and alone should be within the limits of the promise.

        Args:
            promise: Id of the promise.
            subjects: Which measurements decide here, by the beginning of their names, such as ``idle`` or ``load``.

        Example:
        | Baseline Should Hold | RI-1 | distinct processes | idle |
        """
        chosen = [m for m in _baseline(promise) if m.metric.startswith(subjects)]
        if not chosen:
            raise BrokenEnvironment(f"There is no measurement that begins with {' or '.join(subjects)}.")
        samples, events = scenario().samples(), scenario().events()
        about_memory = any("memory" in subject for subject in subjects)
        draw = memory_chart if about_memory else cpu_chart
        COLLECTOR.decide(chosen, draw(samples, events, [], None, "What each agent used, from its own process"))

    @keyword
    def no_tenant_should_leak(self, promise: str, window: str) -> None:
        """No tenant's memory should keep growing in a watched stretch of time.

        Args:
            promise: Id of the promise.
            window: Name of the stretch of time.

        Example:
        | No Tenant Should Leak | RI-1 | under load |
        """
        rule = LeakRule.of({name: runs.current().limit("RI-3", name) for name in LEAK_LIMITS})
        detector = ResourceLeakDetector(rule, minimum_seconds=8, minimum_samples=8)
        found = judge_healthy_left_alone(
            promise, detector, scenario().samples(scenario().windows[window]), scenario().names
        )
        COLLECTOR.decide(found.model_copy(update={"metric": "tenants whose memory kept growing", "control": False}))

    @keyword
    def forget_what_watching_cost(self) -> None:
        """Begin to count anew what watching costs, so that only the present number of processes counts.

        Example:
        | Forget What Watching Cost |
        """
        runs.current().monitor.call("forget_overhead")

    @keyword
    def watching_should_cost_little(self, promise: str) -> None:
        """Watching all processes should cost less of one core than the promise allows.

        Args:
            promise: Id of the promise; its limit ``overhead`` decides.

        Example:
        | Watching Should Cost Little | OP-1 |
        """
        run = runs.current()
        spent = run.monitor.call("overhead")
        limit = run.limit(promise, "overhead")
        cost = SamplerCost(spent.cpu_seconds, spent.wall_seconds, spent.processes, spent.sweeps)
        found = judge_sampling_overhead(cost, promise, limit, _SCALE)
        COLLECTOR.overhead = Overhead(
            cpu_percent=100 * spent.cpu_seconds / spent.wall_seconds,
            limit_percent=limit.value,
            tenants=spent.processes,
            source=limit.source,
        )
        COLLECTOR.decide(found)


def _baseline(promise: str) -> list[Measurement]:
    run, now = runs.current(), scenario()
    windows = BaselineWindows(
        idle=_judged(now.windows["at rest"]),
        load=_judged(now.windows["under load"]),
        alone={name.removeprefix("alone "): _judged(w) for name, w in now.windows.items() if name.startswith("alone ")},
    )
    limits = BaselineLimits(
        idle_cpu=run.limit(promise, "idle cpu"),
        idle_memory=run.limit(promise, "idle memory"),
        io=run.limit(promise, "input and output"),
        load_cpu=run.limit(promise, "load cpu"),
        load_memory=run.limit(promise, "load memory"),
        memory_recovery=run.limit(promise, "memory recovery"),
        memory_tolerance=_MEMORY_TOLERANCE,
        least_samples=int(
            min(windows.idle.end - windows.idle.start, windows.load.end - windows.load.start) / run.profile.sampling / 2
        ),
    )
    own = [os.getpid(), run.engine.pid, run.monitor.pid]
    processes = run.monitor.call("processes")
    own_tenants = [ref for ref in processes if ref.tenant in now.names]
    return judge_baseline(now.samples(), own_tenants, own, promise, now.names, windows, limits)


def _judged(window: Window) -> JudgedWindow:
    return JudgedWindow(window.start, window.end)
