"""Waiting until something has gone, and looking whether it has."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from isolation.drive.watch.conditions import NoneAlive
from isolation.record import ProcessRef
from isolation.scenarios.registry.staging.histories import sighting
from isolation.scenarios.registry.staging.stage import Stage
from isolation.target.words import Kept
from process_control.reading import is_alive


def see_whether_gone(stage: Stage, removed: Iterable[tuple[str, str]], processes: Sequence[ProcessRef]) -> None:
    """Wait as long as the promise allows for the processes of removed agents to end; then look, by operator and kernel.

    Args:
        stage: Keeps what is seen.
        removed: Removed agents with the ids of their users.
        processes: The processes that ran them.
    """
    stage.api.monitor.wait_for(NoneAlive(tuple(processes)), time.monotonic() + stage.api.limits["gone"].value)
    began, names = time.monotonic(), stage.names
    asked = stage.sees_agents
    shown = {row.get(Kept.AGENT) for row in stage.operator_agents()} if asked else set()
    ended = time.monotonic()
    found = [
        sighting(names.get(user, user), user, agent, (began, ended), "operator", there=agent in shown)
        for agent, user in (removed if asked else ())
    ]
    found += [
        sighting(
            names.get(ref.user, ref.user),
            ref.user,
            ref.agent,
            (began, ended),
            "process",
            there=is_alive(ref.pid, ref.started_ticks),
        )
        for ref in processes
    ]
    stage.sightings.extend(found)
