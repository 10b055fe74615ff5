"""Harmless look-alikes: variations of a clean platform that look like faults, or merely different, and are neither.

Each replaces one named seam from outside, as the seeded defects do. No check may raise an alarm on any of them.
"""

from reference_platform.look_alikes.book import NAMES, LookAlike, UnknownLookAlike, apply

__all__ = ["NAMES", "LookAlike", "UnknownLookAlike", "apply"]
