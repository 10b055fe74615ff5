"""What every agent's own process uses, at rest, at work and while another one works."""

from __future__ import annotations

from robot.api.deco import keyword, library

from isolation.judge.resources import monitoring_baseline as judges
from isolation.scenarios.resource_isolation import monitoring_baseline
from isolation.show.figures import usage as figures
from isolation.target.needs import Needs
from isolation.target.words import RequestKind
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import CONVERTERS, Duration, Percentage, Size


@library(scope="SUITE", converters=CONVERTERS)
class MonitoringBaselineLibrary(ExperimentLibrary):
    """Watches the processes of agents, found by process id and start time; never the suite's own. CPU is per cent of one core."""

    @keyword
    def record_rest_and_work(self) -> None:
        """As many agents as the profile says rest, work, rest again; two work alone, one after the other.

        Example:
        | Record Rest And Work |
        """
        self.experiment(monitoring_baseline.run, monitoring_baseline.NEEDS)

    @keyword
    def every_agent_should_have_its_own_process(self) -> None:
        """No two tenants share a process, none is represented by the suite's own, and each was sampled.

        Example:
        | Every Agent Should Have Its Own Process |
        """
        self.claim(judges.judge_own_processes)

    @keyword
    def usage_at_rest_should_be_below(self, cpu: Percentage, memory: Size, storage: Size) -> None:
        """Of each agent: CPU time of one core, memory, and input and output per second.

        Example:
        | Usage At Rest Should Be Below | 5 percent | 256 MB | 10 MB |
        """
        stated = {"idle cpu": cpu, "idle memory": memory, "input and output": storage}
        self.claim(judges.judge_rest, stated, figure=figures.cpu_of_all)

    @keyword
    def usage_at_work_should_be_below(self, cpu: Percentage, memory: Size, storage: Size) -> None:
        """Of each agent: CPU time of one core, memory, and input and output per second.

        Example:
        | Usage At Work Should Be Below | 25 percent | 512 MB | 10 MB |
        """
        stated = {"load cpu": cpu, "load memory": memory, "input and output": storage}
        self.claim(judges.judge_work, stated, figure=figures.cpu_of_all)

    @keyword
    def agents_should_be_answered(self, times_a_minute: int, time: Duration) -> None:
        """Each of them, more often than that, and 95 of 100 times within that time.

        Example:
        | Agents Should Be Answered | 10 | 2 seconds |
        """
        self.claim(judges.judge_answers_at_work, {"answer rate": times_a_minute, "answer time": time})

    @keyword
    def no_agent_should_leak(self) -> None:
        """Nobody's memory keeps growing while it works.

        Example:
        | No Agent Should Leak |
        """
        self.claim(judges.judge_no_leak_at_work, figure=figures.memory_of_all)

    @keyword
    def memory_should_be_back(self, time: Duration) -> None:
        """After work everybody's memory returns to what it was at rest.

        Example:
        | Memory Should Be Back | 30 seconds |
        """
        self.claim(
            judges.judge_memory_back_after_work,
            {"memory recovery": time},
            needs=Needs(requests=(RequestKind.MEMORY,)),
            figure=figures.memory_of_all,
        )

    @keyword
    def work_should_not_show_in_others(self) -> None:
        """While one agent works alone, all others stay as they are at rest.

        Example:
        | Work Should Not Show In Others |
        """
        self.claim(
            judges.judge_work_alone, needs=Needs(requests=(RequestKind.ENDLESS_LOOP,)), figure=figures.cpu_of_all
        )
