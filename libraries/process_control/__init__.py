"""Reading and limiting processes: /proc, control groups, stop/continue budgets, signals.

Shared by the suite's sampler and by the reference platform's governor; it knows neither of them.
"""

from process_control.budget import BudgetCounters, BudgetLimiter, Holds, Meter, fresh_memory_bytes, storage_bytes
from process_control.groups.cgroup_mode import CgroupMode, CgroupUnavailable, detect
from process_control.groups.cgroup_tree import CgroupCounters, CgroupTree
from process_control.groups.cgroups import open_tree
from process_control.portable_reading import ProcessGone
from process_control.reading import ProcessReader, ProcessReading

__all__ = [
    "BudgetCounters",
    "BudgetLimiter",
    "CgroupCounters",
    "CgroupMode",
    "CgroupTree",
    "CgroupUnavailable",
    "Holds",
    "Meter",
    "ProcessGone",
    "ProcessReader",
    "ProcessReading",
    "detect",
    "fresh_memory_bytes",
    "open_tree",
    "storage_bytes",
]
