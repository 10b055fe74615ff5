"""What happened, as plain data: typed, serialisable, without behaviour that touches a clock, a socket or a judge.

All times named ``*_at`` are seconds on the machine's monotonic clock, which every process of a run shares.
"""

from isolation.record.environment import Environment
from isolation.record.measurements import Comparison, Interval, Limit, Measurement, Verdict
from isolation.record.traffic.blocks import Block, Condition
from isolation.record.traffic.events import PlatformEvent
from isolation.record.traffic.frames import Direction, Frame
from isolation.record.traffic.operations import Operation, Outcome
from isolation.record.usage.inventories import Inventory, Thing
from isolation.record.usage.operator_usage import OperatorUsage
from isolation.record.usage.samples import MemoryKind, ProcessRef, Sample

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
