"""What happened, as plain data: typed, serialisable, without behaviour that touches a clock, a socket or a judge.

All times named ``*_at`` are seconds on the machine's monotonic clock, which every process of a run shares.
"""

from isolation.record.blocks import Block, Condition
from isolation.record.environment import Environment
from isolation.record.events import PlatformEvent
from isolation.record.frames import Direction, Frame
from isolation.record.inventories import Inventory, Thing
from isolation.record.measurements import Comparison, Interval, Limit, Measurement, Verdict
from isolation.record.operations import Operation, Outcome
from isolation.record.operator_usage import OperatorUsage
from isolation.record.samples import MemoryKind, ProcessRef, Sample

__all__ = [
    "Block",
    "Comparison",
    "Condition",
    "Direction",
    "Environment",
    "Frame",
    "Interval",
    "Inventory",
    "Limit",
    "Measurement",
    "MemoryKind",
    "Operation",
    "OperatorUsage",
    "Outcome",
    "PlatformEvent",
    "ProcessRef",
    "Sample",
    "Thing",
    "Verdict",
]
