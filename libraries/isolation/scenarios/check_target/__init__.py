"""``python -m isolation.target check FILE``: goes through a target file step by step with two users of two tenants."""

from isolation.scenarios.check_target.walk import check

__all__ = ["check"]
