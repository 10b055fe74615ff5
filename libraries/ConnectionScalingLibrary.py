"""Many connections: they come in batches, stay, carry every user's own events, and close without a trace."""

from __future__ import annotations

from robot.api.deco import keyword, library

from isolation.judge.traffic import connection_scaling as judges
from isolation.scenarios.concurrent_startup import connections
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import CONVERTERS


@library(scope="SUITE", converters=CONVERTERS)
class ConnectionScalingLibrary(ExperimentLibrary):
    """Opens connections in batches, holds them, and follows every frame of every connection."""

    @keyword
    def record_connections(self) -> None:
        """Batches, pauses and holding time come from the profile, part ``startup``; all requests count from the same number.

        Example:
        | Record Connections |
        """
        self.experiment(connections.run, connections.NEEDS)

    @keyword
    def every_event_should_reach_its_own_session(self) -> None:
        """Exactly once, in order, nowhere else, and every answer with the text of its own request.

        Example:
        | Every Event Should Reach Its Own Session |
        """
        self.claim(judges.judge_own_events)

    @keyword
    def connections_should_be_stable(self) -> None:
        """A connection that never opened counts as dropped.

        Example:
        | Connections Should Be Stable |
        """
        self.claim(judges.judge_stable_connections)

    @keyword
    def sockets_should_be_gone(self) -> None:
        """By the kernel's own table.

        Example:
        | Sockets Should Be Gone |
        """
        self.claim(judges.judge_sockets)

    @keyword
    def own_memory_should_grow_linearly(self) -> None:
        """Robot, the load engine and the monitor together, after each batch.

        Example:
        | Own Memory Should Grow Linearly |
        """
        self.claim(judges.judge_own_memory)
