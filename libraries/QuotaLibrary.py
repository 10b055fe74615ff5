"""Quotas: setting them, tenants that try to exceed them, and the witnesses that they hold."""

from __future__ import annotations

import time
from collections.abc import Mapping

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.engine import Request
from isolation.judge.resources.quotas import Excess, judge_control, judge_quota
from isolation.record import Comparison, Limit, Measurement, PlatformEvent, Sample
from isolation.record.quotas import CounterReading
from isolation.show.figures import cpu_chart, memory_chart
from isolation.target.words import OperatorOperation
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.quantities import CONVERTERS, Duration, Percentage, Size
from robot_support.scenario import Window, scenario

_MEGABYTE = 1024 * 1024
_CONTROL_SECONDS = 3.0
_CONTROL_WINDOW = 2.0
_LOOK_EVERY = 0.05
_ENDING = 2.0
"""Seconds for the control's last operation to end, before it has a quota again."""
_EXCESS = ("quota_exceeded", "noisy_tenant")


@library(scope="GLOBAL", converters=CONVERTERS)
class QuotaLibrary(DynamicCore):
    """Holds tenants against their quotas, by four independent witnesses.

    The effect (what the tenant got), the cause (its own throttle counter moved and nobody else's), the victims
    (see the library of noise) and a positive control (the same burner without a quota exceeds it).
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    @keyword
    def set_quotas(self, cpu: Percentage, memory: Size, *numbers: int) -> None:
        """Let the operator set the same quotas for all tenants of the scenario, or for some.

        Args:
            cpu: Per cent of one core.
            memory: Memory.
            numbers: Numbers of the tenants; none for all.

        Example:
        | Set Quotas | 50 percent | 256 MB |
        """
        scenario().notes["cpu quota"] = float(cpu)
        scenario().notes["memory quota"] = float(memory) * _MEGABYTE
        tenants = [scenario().tenant(number) for number in numbers] or scenario().tenants
        for tenant in tenants:
            _set_quota(tenant.tenant_id, float(cpu), int(memory * _MEGABYTE))

    @keyword
    def prove_that_burners_are_strong(self, cpu: int, memory: int) -> None:
        """Positive controls: without a quota, the same burners use more than the quotas.

        Two tenants serve as controls at the same time, while nothing else runs; they get their quotas back afterwards.

        Args:
            cpu: Number of the tenant that burns processor time.
            memory: Number of the tenant that takes memory.

        Example:
        | Prove That Burners Are Strong | cpu=10 | memory=9 |
        """
        burners = {"cpu": cpu, "memory": memory}
        for number in burners.values():
            _set_quota(scenario().tenant(number).tenant_id, None, None)
        excesses = _burn(burners, _CONTROL_SECONDS)
        time.sleep(_ENDING)
        for number in burners.values():
            _set_quota(scenario().tenant(number).tenant_id, _note("cpu quota"), int(_note("memory quota")))
        for excess in excesses:
            samples = scenario().samples(Window(excess.started_at, excess.ended_at))
            scenario().notes[f"{excess.resource} control"] = judge_control("RI-2", excess, samples, _CONTROL_WINDOW)

    @keyword
    def try_to_exceed(self, resource: str, duration: Duration, number: int) -> None:
        """Let one tenant use as much of a resource as it can get; nobody else works meanwhile.

        Args:
            resource: ``cpu`` or ``memory``.
            duration: How long it tries.
            number: Number of the tenant.

        Example:
        | Try To Exceed | cpu | 12 seconds | 3 |
        """
        scenario().notes["counters before"] = _counters()
        # Whoever tried before is no innocent: it may be named late.
        tried = scenario().notes.setdefault("exceeding", [])
        assert isinstance(tried, list)
        tried.append(scenario().tenant(number).name)
        excesses = _burn({resource: number}, float(duration))
        scenario().notes["excesses"] = excesses
        scenario().notes["counters after"] = _counters()

    @keyword
    def quota_should_hold(self, promise: str, number: int) -> None:
        """A tenant that tried to exceed its quota should have been held to it, by its own limit, and reported.

        Args:
            promise: Id of the promise.
            number: Number of the tenant.

        Example:
        | Quota Should Hold | RI-2 | 3 |
        """
        run, now = runs.current(), scenario()
        name = now.tenant(number).name
        excess = next(one for one in _excesses() if one.tenant == name)
        control = now.notes[f"{excess.resource} control"]
        assert isinstance(control, Measurement)
        window = Window(excess.started_at, excess.ended_at + 1)
        samples, events = now.samples(window), now.events(excess.started_at)
        active = [event.seen_at for event in events if event.tenant == name and _shows_enforcement(event)]
        excess = Excess(
            name, excess.resource, excess.quota, excess.started_at, min(active, default=None), excess.ended_at
        )
        exceeding = now.notes["exceeding"]
        assert isinstance(exceeding, list)
        measurements = judge_quota(
            promise,
            excess,
            samples,
            control,
            _moved(),
            exceeding,
            events,
            _EXCESS,
            overshoot=run.limit(promise, "overshoot"),
            active_limit=run.limit(promise, "active"),
            alert_limit=run.limit(promise, "active"),
            window_s=5.0,
        )
        COLLECTOR.decide([_named(m, excess.resource) for m in measurements], _chart(excess, samples, events))


def _named(measurement: Measurement, resource: str) -> Measurement:
    metric = measurement.metric if resource in measurement.metric else f"{resource}: {measurement.metric}"
    return measurement.model_copy(update={"metric": metric})


def _chart(excess: Excess, samples: list[Sample], events: list[PlatformEvent]) -> str:
    title = f"{excess.tenant} tries to exceed its {excess.resource} quota"
    memory = excess.resource == "memory"
    value = excess.quota / _MEGABYTE if memory else excess.quota
    quota = Limit(
        value=value, unit="MB" if memory else "%", comparison=Comparison.AT_MOST, source="quota of the profile"
    )
    return (memory_chart if memory else cpu_chart)(samples, events, [excess.tenant], quota, title)


def _shows_enforcement(event: PlatformEvent) -> bool:
    return event.kind in ("quota_exceeded", "contained", "agent_stopped", "noisy_tenant")


def _excesses() -> list[Excess]:
    found = scenario().notes["excesses"]
    assert isinstance(found, list)
    return found


def _note(name: str) -> float:
    value = scenario().notes[name]
    assert isinstance(value, (int, float))
    return float(value)


def _set_quota(tenant_id: str, cpu: float | None, memory: int | None) -> None:
    runs.current().operator(OperatorOperation.QUOTA, tenant=tenant_id, cpu_percent=cpu, memory_bytes=memory)


def _burn(burners: Mapping[str, int], seconds: float) -> list[Excess]:
    """Let the tenant of each number use as much as it can of a resource, all at the same time."""
    engine, monitor = runs.current().engine, runs.current().monitor
    monitor.call("sample_now")
    started = engine.call("begin", [_hunger(resource, number, seconds) for resource, number in burners.items()])
    while time.monotonic() < started[0] + seconds:
        monitor.call("sample_now")  # a tenant may be over its memory quota, and ended, between two regular samples
        time.sleep(_LOOK_EVERY)
    ended = time.monotonic()
    return [
        Excess(scenario().tenant(number).name, resource, _note(f"{resource} quota"), at, None, ended)
        for (resource, number), at in zip(burners.items(), started, strict=True)
    ]


def _hunger(resource: str, number: int, seconds: float) -> Request:
    name = scenario().tenant(number).name
    if resource == "memory":
        megabytes = int(2 * _note("memory quota") / _MEGABYTE)
        return Request(name, "memory_pressure", {"seconds": seconds, "megabytes": megabytes})
    return Request(name, "endless_loop", {"seconds": seconds})


def _counters() -> dict[tuple[str, str], int]:
    """Enforcement counters of all tenants of the scenario: (tenant, name) to value."""
    names = {tenant.tenant_id: tenant.name for tenant in scenario().tenants}
    counted = ("throttled", "out_of_memory")
    return {
        (names[entry["tenant"]], counter): int(entry[counter])
        for entry in runs.current().operator(OperatorOperation.COUNTERS)
        if entry["tenant"] in names
        for counter in counted
    }


def _moved() -> list[CounterReading]:
    before, after = scenario().notes["counters before"], scenario().notes["counters after"]
    assert isinstance(before, dict) and isinstance(after, dict)
    return [
        CounterReading(tenant, name, before.get((tenant, name), 0), value)
        for (tenant, name), value in sorted(after.items())
    ]
