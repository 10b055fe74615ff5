"""Seeded defects: each replaces one named seam from outside, before a process builds its objects."""

from reference_platform.defects.book import NAMES, Defect, UnknownDefect, apply, catalogue

__all__ = ["NAMES", "Defect", "UnknownDefect", "apply", "catalogue"]
