"""Quotas: tenants that try to exceed theirs, and the independent checks that they hold."""

from __future__ import annotations

from typing import Literal

from robot.api.deco import keyword, library

from isolation.judge.resources import quota_attempts as judges
from isolation.scenarios.resource_isolation import quotas
from isolation.show.figures import quotas as figures_of_quotas
from isolation.target.needs import Needs
from isolation.target.words import RequestKind, ResourceKind
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import CONVERTERS, Percentage, Size

Resource = Literal["cpu", "memory"]
_NEEDS = {
    "cpu": Needs(requests=(RequestKind.ENDLESS_LOOP,)),
    "memory": Needs(requests=(RequestKind.MEMORY_PRESSURE,)),
}


@library(scope="SUITE", converters=CONVERTERS)
class QuotaEnforcementLibrary(ExperimentLibrary):
    """Holds tenants against their own quotas: the effect, the cause, who else was touched, and the same load without a quota.

    That no other tenant slows down is measured by ``PerformanceIsolationLibrary``.
    """

    @keyword
    def record_attempts_to_exceed_quotas(self) -> None:
        """Tenant 3 tries CPU time, tenant 5 memory; before, tenants 10 and 9 show that the load is strong enough.

        Example:
        | Record Attempts To Exceed Quotas |
        """
        self.experiment(quotas.run, quotas.NEEDS)

    @keyword
    def record_one_attempt_at_cpu(self, tenant: int, quota: Percentage) -> None:
        """One tenant tries to use more CPU time than its own quota; the next one, without a quota, is the control.

        Example:
        | Record One Attempt At CPU | 4 | 30 percent |
        """
        self.experiment(quotas.run_one, quotas.NEEDS, tenant=tenant, resource=ResourceKind.CPU, quota=float(quota))

    @keyword
    def record_one_attempt_at_memory(self, tenant: int, quota: Size) -> None:
        """One tenant tries to use more memory than its own quota; the next one, without a quota, is the control.

        Example:
        | Record One Attempt At Memory | 4 | 128 MB |
        """
        self.experiment(quotas.run_one, quotas.NEEDS, tenant=tenant, resource=ResourceKind.MEMORY, quota=float(quota))

    @keyword
    def tenant_should_be_held_to_its_quota(self, tenant: int, resource: Resource) -> None:
        """In any 5 seconds at most 1.05 x its own quota; only its own throttle counter moved; only it was reported.

        Example:
        | Tenant Should Be Held To Its Quota | 3 | cpu |
        """
        self.claim(
            judges.judge_held_to_quota,
            needs=_NEEDS[resource],
            figure=figures_of_quotas.attempt,
            tenant=tenant,
            resource=resource,
        )

    @keyword
    def tenant_should_be_served_after_its_attempt(self, tenant: int, resource: Resource) -> None:
        """Its ordinary requests are answered.

        Example:
        | Tenant Should Be Served After Its Attempt | 3 | cpu |
        """
        self.claim(judges.judge_served_after_attempt, needs=_NEEDS[resource], tenant=tenant, resource=resource)
