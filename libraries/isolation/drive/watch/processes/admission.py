"""The one place that decides whether a process id counts, and whether it may be signalled.

A target may name anything: ids that do not exist, the suite's own, threads, a stranger's shell. An id counts only when
it belongs to a living process (no thread), started when the target says, is not the first process, not the suite's own
and none of those that started the suite, and grew out of the target's tree. Where the suite did not start the target,
the target file must say how its processes are found; then they count, but nothing of them is ever signalled unless the
file allows that, too.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field

from process_control.family import ancestors, is_running, is_thread, started_ticks
from process_control.portable_reading import ProcessGone

_FIRST = 1
_LARGEST_PID = 2**22


@dataclass(slots=True)
class Admission:
    """Decides for one target.

    Attributes:
        root: Process of the target when the suite started it, else 0.
        own: Processes of the suite, beside this one.
        found_by_file: Whether the target file says how its processes are found: they count without a tree.
        may_end: Whether the target file allows to end processes that are not of the suite's own making.
    """

    root: int
    own: Collection[int] = ()
    found_by_file: bool = False
    may_end: bool = False
    _family: set[tuple[int, int]] = field(default_factory=set)
    """Seen in the tree once: an orphan stays the target's."""
    _counting: set[tuple[int, int]] = field(default_factory=set)
    """Found to count once: neither parents nor threads of a process change what it is, and looking again costs more than sampling."""
    _above: frozenset[int] = frozenset()
    """The suite and everybody from whom it descends; found out once."""

    def refusal(self, pid: object, ticks: object = None) -> str:
        """Why a process id does not count; empty when it does.

        Args:
            pid: What was named.
            ticks: When it started (clock ticks since boot), where that was said, too.
        """
        if isinstance(pid, bool) or not isinstance(pid, int) or not _FIRST < pid <= _LARGEST_PID:
            return "it is no process id"
        if ticks is not None and (isinstance(ticks, bool) or not isinstance(ticks, int)):
            return "its start time is no number"
        try:
            started = started_ticks(pid)
        except (ProcessGone, OSError):
            return "there is no such process"
        if is_thread(pid):
            return "it is a thread, not a process"
        if ticks is not None and ticks != started:
            return "the process of that id started at another time"
        if not is_running(pid, started):
            return "it has ended"
        if self._is_own(pid):
            return "it belongs to the suite itself"
        if not self._in_tree(pid, started) and not self.found_by_file:
            return "it did not grow out of the target's own process"
        if ticks is not None:
            self._counting.add((pid, ticks))
        return ""

    def counts(self, pid: int, ticks: int) -> bool:
        """Whether a process was found to count before, whatever has become of it since."""
        return (pid, ticks) in self._counting

    def may_signal(self, pid: object, ticks: object) -> str:
        """Why a process may not be signalled; empty when it may: it counts, and is of the target that the suite started.

        Args:
            ticks: When it started; without that nothing is signalled.
        """
        if ticks is None:
            return "its start time is not known"
        refusal = self.refusal(pid, ticks)
        if refusal:
            return refusal
        assert isinstance(pid, int) and isinstance(ticks, int)
        if self._in_tree(pid, ticks) or self.may_end:
            return ""
        return "it did not grow out of a process that the suite started, and the target file does not allow it"

    def _is_own(self, pid: int) -> bool:
        """The suite, its helpers, and everybody from whom it descends; what the target's tree holds is the target's."""
        chain = [pid, *ancestors(pid)]
        if self.root and self.root in chain:
            return False
        suite = {os.getpid(), *self.own}
        self._above = self._above or frozenset(ancestor for one in suite for ancestor in ancestors(one))
        return pid in suite or pid in self._above or bool(suite & set(chain))

    def _in_tree(self, pid: int, ticks: int) -> bool:
        if (pid, ticks) in self._family:
            return True
        if not self.root or self.root not in (pid, *ancestors(pid)):
            return False
        self._family.add((pid, ticks))
        return True
