"""What the processes of a boxed tenant get besides the small budget: the last processor only, and the lowest class."""

from __future__ import annotations

import os
from collections.abc import Iterable

from process_control import scheduling


class Penalty:
    """Pins processes to the machine's last processor and lowers their scheduling class.

    ``SCHED_IDLE`` where it can be taken back (for root); else ``SCHED_BATCH``, because an ordinary user may not leave
    ``SCHED_IDLE`` again.
    """

    def __init__(self) -> None:
        self._usable = scheduling.usable_processors()
        self._lower = scheduling.make_idle if os.geteuid() == 0 else scheduling.make_batch

    def apply(self, pids: Iterable[int]) -> None:
        """Punish processes.

        Args:
            pids: The processes; those that have ended are passed over.
        """
        for pid in pids:
            scheduling.pin(pid, {max(self._usable)})
            self._lower(pid)

    def lift(self, pids: Iterable[int]) -> None:
        """Give processes all processors and the ordinary class again.

        Args:
            pids: The processes; those that have ended are passed over.
        """
        for pid in pids:
            scheduling.pin(pid, self._usable)
            scheduling.make_normal(pid)
