"""A platform that is restarted by its operator: when it answers again."""

from __future__ import annotations

import time

from isolation.drive.worker import WorkerError
from isolation.scenarios.api import Api
from isolation.target.needs import Needs, missing
from isolation.target.words import OperatorOperation

RESTART = Needs(operator=(OperatorOperation.RESTART,))
_INVENTORY = Needs(operator=(OperatorOperation.INVENTORY,))
_LOOK_AGAIN_S = 0.1
_GOES_ON_S = 1.0
"""So long the process that was told to restart may go on to answer."""


def answers(api: Api) -> bool:
    """Whether the platform's operator API answers again."""
    asked = OperatorOperation.CAPABILITIES
    if asked not in api.target.operator:
        asked = next(iter(set(api.target.operator) - {OperatorOperation.RESTART}), OperatorOperation.RESTART)
    try:
        api.monitor.operator(asked)
    except WorkerError:
        return False
    return True


def wait_for_answers(api: Api, seconds: float) -> bool:
    """Wait until the operator API answers again; whether it does."""
    until = time.monotonic() + seconds
    while not (back := answers(api)) and time.monotonic() < until:
        api.rest(_LOOK_AGAIN_S)
    return back


def serving_process(api: Api) -> int:
    """The process that serves the tenants, by the operator's word; 0 when it is not told."""
    if missing(api.target, _INVENTORY):
        return 0
    processes = api.monitor.operator(OperatorOperation.INVENTORY).get("processes") or {}
    return int(processes.get("gateway") or 0)


def restart(api: Api, seconds: float) -> bool:
    """Let the operator restart the platform.

    Args:
        api: The way to it.
        seconds: How long it is waited for.

    Returns:
        Whether it answers again, by another process where that is told.
    """
    before, until = serving_process(api), time.monotonic() + seconds
    api.monitor.operator(OperatorOperation.RESTART)
    api.rest(_GOES_ON_S)
    while time.monotonic() < until:
        if not wait_for_answers(api, until - time.monotonic()):
            return False
        if not before or serving_process(api) != before:
            return True
        api.rest(_LOOK_AGAIN_S)
    return False
