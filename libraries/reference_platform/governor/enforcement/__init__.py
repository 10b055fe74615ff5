"""How quotas and the penalty box are enforced: by control groups, or by signals where they are not permitted."""
