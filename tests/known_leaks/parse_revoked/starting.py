"""The same notes as in ``parse_livequery``, readable for whom their ACL names."""

from __future__ import annotations

from parse_livequery.starting import start

__all__ = ["start"]
