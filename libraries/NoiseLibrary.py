"""Noise: tenants that disturb, what the platform does about it, and whether the others feel it."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.engine import Request
from isolation.judge.resources.noise import (
    Noise,
    judge_identified,
    judge_mitigated,
    judge_recovered,
    judge_visible,
    noise_readings,
)
from isolation.judge.rules.clocks import first_event
from isolation.judge.rules.series import Reading, count_readings
from isolation.record import Comparison, Limit, Measurement, Operation, OperatorUsage, Sample, Verdict
from isolation.show.charts.clocks import NoisyTenant, Stage, clocks
from isolation.show.figures import cpu_chart
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.noise_kinds import ARGUMENTS, RESOURCES, NoiseKind
from robot_support.quantities import CONVERTERS, Duration
from robot_support.scenario import scenario

_STABLE = 2.0
"""Seconds of normal service that a tenant must have had to be back to normal."""
_LOOK_EVERY = 0.3
_SHORT = 1.5
"""Seconds over which a noisy tenant's use is averaged; little more than one sampling interval, as containment is quick."""
_AFTERWARDS = 2.0
"""Seconds to go on watching after the containment, so that whole windows of samples lie after it."""
_SILENCE = 0.5
"""Seconds of silence that show that broken-off work has ended."""
_SILENT_SHARE = 0.05
"""Of one core, all that should be silent together: half of what the platform leaves to tenants that it has contained."""
_UNITS = {"io": "bytes/s", "messages": "messages/s"}
_ALERTS = ("noisy_tenant",)
_NAMED = ("noisy_tenant", "quota_exceeded", "runaway", "memory_leak")


@library(scope="GLOBAL", converters=CONVERTERS)
class NoiseLibrary(DynamicCore):
    """Makes tenants noisy, and follows how the platform names, contains, shows and releases them.

    What the others feel meanwhile is measured by ``PerformanceLibrary``.
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    @keyword
    def become_noisy(self, kind: NoiseKind, number: int, duration: Duration = Duration(600)) -> None:
        """Let one tenant begin to disturb.

        Args:
            kind: What it does.
            number: Number of the tenant.
            duration: How long at most.

        Example:
        | Become Noisy | Endless Calculation | 3 |
        """
        scenario().operations.setdefault("usual", []).extend(_ask_thrice(scenario().tenant(number).name))
        name = scenario().tenant(number).name
        began = runs.current().engine.call(
            "begin", [Request(name, kind.value, {**ARGUMENTS[kind], "seconds": float(duration)})]
        )
        noises = scenario().notes.setdefault("noises", {})
        assert isinstance(noises, dict)
        noises[name] = (kind, began[0])

    @keyword
    def silence(self, *numbers: int) -> None:
        """Let some tenants stop their noise for now, by cutting and renewing their connections.

        Args:
            numbers: Numbers of the tenants.

        Example:
        | Silence | 1 | 2 |
        """
        agents = [scenario().tenant(number) for number in numbers]
        manager = runs.current().manager
        manager.disconnect(agents)
        manager.establish_agent_connections(agents)

    @keyword
    def wait_until_silent(self, at_most: Duration, *numbers: int) -> None:
        """Wait until the work of some tenants that was broken off has really ended.

        Each of them answers again, so it has heard that its work is over; and together they use next to no processor time.
        No judgement: where they go on all the same, the scenario goes on too, and shows what the others feel.

        Args:
            at_most: How long to wait.
            numbers: Numbers of the tenants.

        Example:
        | Wait Until Silent | 5 seconds | 1 | 2 |
        """
        names = {scenario().tenant(number).name for number in numbers}
        deadline = time.monotonic() + at_most
        runs.current().engine.call(
            "ask", [Request(name, "noop") for name in names], float(at_most), timeout=at_most + 15
        )
        used = _processor_seconds(names)
        while time.monotonic() < deadline:
            time.sleep(_SILENCE)
            before, used = used, _processor_seconds(names)
            if 0 <= used - before < _SILENT_SHARE * _SILENCE:
                break

    @keyword
    def noise_should_be_reported(self, promise: str, within: Duration) -> None:
        """Every noisy tenant should be reported, by the right name and for the right resource, and nobody else.

        Args:
            promise: Id of the promise; its limit ``identified`` decides.
            within: The longest time.

        Example:
        | Noise Should Be Reported | RI-5 | 30 seconds |
        """
        noises = _noises()
        deadline = noises[0].started_at + within
        _listen_until(lambda: all(_told(noise, "alert", _ALERTS) for noise in noises), deadline, noises)
        limit = runs.current().limit(promise, "identified", within)
        COLLECTOR.decide(judge_identified(promise, noises, scenario().events(), _NAMED, scenario().names, limit))

    @keyword
    def noise_should_be_contained(self, promise: str, within: Duration) -> None:
        """Every noisy tenant should be contained: the audit trail says so, and what it gets has come down.

        Args:
            promise: Id of the promise; its limit ``mitigated`` decides.
            within: The longest time.

        Example:
        | Noise Should Be Contained | RI-5 | 60 seconds |
        """
        noises = _noises()
        deadline = noises[0].started_at + within
        _listen_until(lambda: all(_told(noise, "audit", ("contained",)) for noise in noises), deadline, noises)
        _listen_until(lambda: False, time.monotonic() + _AFTERWARDS, noises)
        noises = _noises()  # again, for what happened during the waiting counts too
        limit = runs.current().limit(promise, "mitigated", within)
        samples, events = scenario().samples(), scenario().events()
        found = []
        for noise in noises:
            readings = _taken(noise, samples)
            found.append(
                judge_mitigated(promise, noise, events, ("contained",), readings, _calm(noise, readings), limit)
            )
        chart = cpu_chart(samples, events, [noise.tenant for noise in noises], None, "Noise and what became of it")
        COLLECTOR.decide(found, chart, clocks(_clock_bars(noises), title="From the beginning of the noise"))

    @keyword
    def operator_should_see_the_noise(self, promise: str) -> None:
        """An operator should see the noise: alerts that name the tenants, and usage numbers.

        Args:
            promise: Id of the promise.

        Example:
        | Operator Should See The Noise | RI-5 |
        """
        readings = {
            noise.tenant: [Reading(usage.at, _shown(noise, usage)) for usage in scenario().operator_usage(noise.tenant)]
            for noise in _noises()
        }
        events = scenario().events()
        COLLECTOR.decide([m for n in _noises() for m in judge_visible(promise, n, events, _NAMED, readings[n.tenant])])

    @keyword
    def noisy_tenants_should_recover(self, promise: str, within: Duration) -> None:
        """After their noise, the noisy tenants should be released and served as usual.

        Args:
            promise: Id of the promise; its limit ``recovered`` decides.
            within: The longest time.

        Example:
        | Noisy Tenants Should Recover | RI-5 | 2 minutes |
        """
        run, ended = runs.current(), time.monotonic()
        noises = [Noise(n.tenant, n.resources, n.started_at, ended) for n in _noises()]
        names = [noise.tenant for noise in noises]
        limit = run.limit(promise, "recovered", within)
        operations: list[Operation] = []
        found: list[Measurement] = []
        while time.monotonic() < ended + within and not (found and all(m.verdict is Verdict.PASS for m in found)):
            time.sleep(_LOOK_EVERY)
            operations += run.engine.call("ask", [Request(name, "typical", {"milliseconds": 3}) for name in names], 5.0)
            found = _recovered(promise, noises, operations, limit)
        COLLECTOR.decide(found)


def _processor_seconds(names: set[str]) -> float:
    """Processor time that some tenants' processes have used so far."""
    samples: list[Sample] = runs.current().monitor.call("sample_now", False)
    return sum(sample.cpu_seconds for sample in samples if sample.tenant in names)


def _shown(noise: Noise, usage: OperatorUsage) -> float:
    """What the operator's door says of the resource that the noise takes."""
    numbers = {
        "cpu": usage.cpu_percent,
        "memory": usage.memory_bytes,
        "io": usage.io_bytes_per_second,
        "messages": usage.messages,
    }
    return float(numbers[noise.resources[0]])


def _taken(noise: Noise, samples: Sequence[Sample]) -> list[Reading]:
    """What a noisy tenant took over time: bytes of storage, messages, or processor time, which memory hunger costs too."""
    resource = noise.resources[0]
    if resource == "messages":
        return count_readings(_received()[noise.tenant], _SHORT)
    return noise_readings(samples, noise.tenant, "io" if resource == "io" else "cpu", _SHORT)


def _calm(noise: Noise, readings: Sequence[Reading]) -> Limit:
    """Contained is at most half of the most that the tenant took."""
    peak = max((reading.value for reading in readings), default=0.0)
    unit = _UNITS.get(noise.resources[0], "% of one core")
    return Limit(value=peak / 2, unit=unit, comparison=Comparison.AT_MOST, source="half of what it took before")


def _normal_answer_time(tenant: str) -> Limit:
    """Three times the tenant's own median before its noise, and at least 0.1 s."""
    before = [
        o.latency for o in scenario().operations["usual"] if o.tenant == tenant and o.answered and o.latency is not None
    ]
    usual = 3 * statistics.median(before) if before else 0.0
    return Limit(
        value=max(0.1, usual), unit="s", comparison=Comparison.AT_MOST, source="3 x its own median before the noise"
    )


def _ask_thrice(name: str) -> list[Operation]:
    engine = runs.current().engine
    ask = [Request(name, "typical", {"milliseconds": 3})]
    return [operation for _ in range(3) for operation in engine.call("ask", ask, 5.0)]


def _noises() -> list[Noise]:
    noises = scenario().notes.get("noises")
    assert isinstance(noises, dict) and noises, "no tenant was made noisy"
    return [Noise(name, RESOURCES[kind], began, time.monotonic()) for name, (kind, began) in noises.items()]


def _told(noise: Noise, stream: str, kinds: Sequence[str]) -> bool:
    return first_event(scenario().events(), stream, kinds, noise.tenant, noise.started_at) is not None


def _listen_until(condition: Callable[[], bool], deadline: float, noises: Sequence[Noise]) -> None:
    """Wait, and count meanwhile how many messages each noisy tenant's session has received."""
    received = _received()
    while time.monotonic() < deadline and not condition():
        now = time.monotonic()
        counts = {session.name: session.received for session in runs.current().engine.call("sessions")}
        for noise in noises:
            received[noise.tenant].append(Reading(now, float(counts.get(noise.tenant, 0))))
        time.sleep(0.2)


def _received() -> dict[str, list[Reading]]:
    received = scenario().notes.setdefault("received", defaultdict(list))
    assert isinstance(received, dict)
    return received


def _recovered(
    promise: str, noises: Sequence[Noise], operations: Sequence[Operation], limit: Limit
) -> list[Measurement]:
    """What can be said so far of the noisy tenants' return to normal."""
    events = scenario().events()
    return [
        judge_recovered(
            promise,
            noise,
            [operation for operation in operations if operation.tenant == noise.tenant],
            events,
            ("released",),
            _normal_answer_time(noise.tenant),
            _STABLE,
            limit,
        )
        for noise in noises
    ]


def _clock_bars(noises: Sequence[Noise]) -> list[NoisyTenant]:
    run, events = runs.current(), scenario().events()
    bars = []
    for noise in noises:
        named = first_event(events, "alert", _ALERTS, noise.tenant, noise.started_at)
        contained = first_event(events, "audit", ("contained",), noise.tenant, noise.started_at)
        stages = [
            Stage(
                "identified",
                "start of the noise",
                named.seen_at - noise.started_at if named else None,
                run.limit("RI-5", "identified"),
            ),
            Stage(
                "contained",
                "start of the noise",
                contained.seen_at - noise.started_at if contained else None,
                run.limit("RI-5", "mitigated"),
            ),
        ]
        bars.append(NoisyTenant(noise.tenant, noise.resources[0], stages))
    return bars
