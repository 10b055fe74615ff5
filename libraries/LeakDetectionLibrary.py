"""Leaks: tenants that leak, run away or never end, and healthy ones that only look like it."""

from __future__ import annotations

from typing import Literal

from robot.api.deco import keyword, library

from isolation.judge.leaks import leak_detection as judges
from isolation.scenarios.resource_isolation import leak_detection, one_leak
from isolation.show.figures import usage as figures
from isolation.target.words import RequestKind
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import CONVERTERS, Duration

LeakKind = Literal["memory", "file descriptor", "connection"]
Leaked = Literal["memory", "file descriptors", "database connections"]
_LEAKED = {
    "memory": RequestKind.MEMORY_LEAK,
    "file descriptors": RequestKind.HANDLE_LEAK,
    "database connections": RequestKind.CONNECTION_LEAK,
}


@library(scope="SUITE", converters=CONVERTERS)
class LeakDetectionLibrary(ExperimentLibrary):
    """Lets tenants leak, and follows what the platform finds and does, beside the suite's own detector."""

    @keyword
    def record_nine_tenants(self) -> None:
        """Tenant 1 leaks memory, 2 file descriptors, 3 database connections; 4 runs away; 5 waits for ever; 6 to 8 are healthy.

        Tenant 9 uses a whole core for long, as it may. Numbers come from the profile, part ``leaks``.

        Example:
        | Record Nine Tenants |
        """
        self.experiment(leak_detection.run, leak_detection.NEEDS)

    @keyword
    def record_one_leak(self, tenant: int, leaked: Leaked, others: int, rest: Duration) -> None:
        """One tenant leaks beside others that do not; before, nobody does anything for a while.

        Example:
        | Record One Leak | 2 | memory | 4 | 5 seconds |
        """
        kind = _LEAKED[leaked]
        self.experiment(one_leak.run, one_leak.needs(kind), tenant=tenant, kind=kind, others=others, rest_s=float(rest))

    @keyword
    def nobody_else_should_be_reported(self, tenant: int) -> None:
        """No alert names another tenant than the one that leaks.

        Example:
        | Nobody Else Should Be Reported | 2 |
        """
        self.claim(judges.judge_nobody_else_reported, tenant=tenant)

    @keyword
    def leak_should_be_reported(self, kind: LeakKind, tenant: int, time: Duration) -> None:
        """The platform names the leak and the tenant in time.

        Example:
        | Leak Should Be Reported | memory | 1 | 60 seconds |
        """
        self.claim(
            judges.judge_leak_reported,
            {"leak named": time},
            figure=figures.memory_of_all if kind == "memory" else None,
            tenant=tenant,
            kind=kind,
        )

    @keyword
    def leak_should_be_cleaned_up(self, kind: LeakKind, tenant: int, time: Duration) -> None:
        """What leaked is gone again, by itself, in time after it was reported.

        Example:
        | Leak Should Be Cleaned Up | memory | 1 | 60 seconds |
        """
        self.claim(judges.judge_leak_cleaned_up, {"cleaned up": time}, tenant=tenant, kind=kind)

    @keyword
    def runaway_should_be_stopped(self, tenant: int, time: Duration) -> None:
        """Its usage falls, and the audit log says who stopped it.

        Example:
        | Runaway Should Be Stopped | 4 | 30 seconds |
        """
        self.claim(judges.judge_runaway, {"runaway stopped": time}, figure=figures.cpu_of_all, tenant=tenant)

    @keyword
    def operation_should_end(self, time: Duration) -> None:
        """The platform ends it, and says that its time was over.

        Example:
        | Operation Should End | 30 seconds |
        """
        self.claim(judges.judge_endless_operation, {"operation ends": time})

    @keyword
    def healthy_tenants_should_not_be_reported(self, *tenants: int) -> None:
        """No alert names them, and the suite's own detector does not flag them either.

        Example:
        | Healthy Tenants Should Not Be Reported | 6 | 7 | 8 |
        """
        self.claim(judges.judge_healthy_tenants, figure=figures.memory_of_all, tenants=tenants)

    @keyword
    def sustained_use_should_be_flagged(self) -> None:
        """Above 80 % of a core for the profile's time (300 s in soak); nobody else is flagged.

        Example:
        | Sustained Use Should Be Flagged |
        """
        self.claim(judges.judge_sustained_use, figure=figures.cpu_of_all)

    @keyword
    def service_should_be_normal(self) -> None:
        """Ordinary requests of everybody are answered.

        Example:
        | Service Should Be Normal |
        """
        self.claim(judges.judge_service_afterwards)
