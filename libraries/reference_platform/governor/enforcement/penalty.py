"""What boxed processes get besides the small budget: one processor, the lowest class, little storage traffic and fresh memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from process_control import scheduling
from reference_platform.governor.enforcement.brake import Brake


class Penalty:
    """Pins processes to the machine's last processor, lowers their scheduling class, and brakes them.

    ``SCHED_IDLE`` where it can be taken back; else ``SCHED_BATCH``, because an ordinary user may not leave
    ``SCHED_IDLE`` again.

    Args:
        brakes: Each brakes one thing, such as storage traffic.
    """

    def __init__(self, brakes: Sequence[Brake]) -> None:
        self._brakes = brakes
        self._usable = scheduling.usable_processors()
        self._lower = scheduling.make_idle if scheduling.can_leave_idle() else scheduling.make_batch

    def apply(self, pids: Iterable[int]) -> None:
        """Punish processes.

        Args:
            pids: The processes; those that have ended are passed over.
        """
        for pid in pids:
            scheduling.pin(pid, {max(self._usable)})
            self._lower(pid)
            for brake in self._brakes:
                brake.add(pid)

    def lift(self, pids: Iterable[int]) -> None:
        """Give processes all processors and the ordinary class again, and no brake.

        Args:
            pids: The processes; those that have ended are passed over.
        """
        for pid in pids:
            self.forget(pid)
            scheduling.pin(pid, self._usable)
            scheduling.make_normal(pid)

    def forget(self, pid: int) -> None:
        """Forget a process that has ended."""
        for brake in self._brakes:
            brake.discard(pid)

    def tick(self) -> float:
        """Look at what is braked.

        Returns:
            When to call again, at the latest (seconds from now).
        """
        return min(brake.tick() for brake in self._brakes)

    def close(self) -> None:
        """Let everybody go on."""
        for brake in self._brakes:
            brake.close()
