"""The secrets of the run that is open."""

from __future__ import annotations

from isolation.scenarios.secrets.run_secrets import RunSecrets
from robot_support import run as runs


def run_secrets() -> RunSecrets:
    """The secrets of the run that is open."""
    return runs.current().secrets
