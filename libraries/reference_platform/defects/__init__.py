"""Seeded defects: each replaces one named seam from outside, before a process builds its objects."""

from reference_platform.defects.book import apply, catalogue

__all__ = ["apply", "catalogue"]
