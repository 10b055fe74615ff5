"""What boxed processes get besides the small budget: one processor, the lowest class, little storage traffic."""

from __future__ import annotations

from collections.abc import Iterable

from process_control import scheduling
from reference_platform.governor.enforcement.storage_brake import StorageBrake


class Penalty:
    """Pins processes to the machine's last processor, lowers their scheduling class, and brakes their storage traffic.

    ``SCHED_IDLE`` where it can be taken back; else ``SCHED_BATCH``, because an ordinary user may not leave
    ``SCHED_IDLE`` again.

    Args:
        brake: Brakes storage traffic.
    """

    def __init__(self, brake: StorageBrake) -> None:
        self._brake = brake
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
            self._brake.add(pid)

    def lift(self, pids: Iterable[int]) -> None:
        """Give processes all processors, the ordinary class and free storage traffic again.

        Args:
            pids: The processes; those that have ended are passed over.
        """
        for pid in pids:
            self._brake.discard(pid)
            scheduling.pin(pid, self._usable)
            scheduling.make_normal(pid)

    def forget(self, pid: int) -> None:
        """Forget a process that has ended.

        Args:
            pid: The process.
        """
        self._brake.discard(pid)

    def tick(self) -> float:
        """Look at the storage traffic.

        Returns:
            When to call again, at the latest (seconds from now).
        """
        return self._brake.tick()

    def close(self) -> None:
        """Let everybody go on."""
        self._brake.close()
