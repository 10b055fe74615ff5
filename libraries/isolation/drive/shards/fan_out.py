"""Asking several shards at the same time, and waiting for all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from isolation.drive.shards.shard import Shard
from isolation.drive.worker import WorkerEnded, WorkerError

_LOOK_S = 0.2
"""How often somebody who waits looks whether the shard has been lost meanwhile."""
Item = TypeVar("Item")


def ask_all(calls: Mapping[Shard, tuple[object, ...]], method: str, within_s: float) -> dict[Shard, Any]:
    """Call one method of some shards, each with its own arguments, and wait for all answers.

    Args:
        calls: The arguments of each.
        method: Name of the method.
        within_s: Seconds to wait.

    Raises:
        ShardLost: A shard gave no answer; the sentence names it.
        WorkerError: A shard refused; the sentence names it.
    """
    until = time.monotonic() + within_s
    pending: dict[Shard, Future[Any]] = {}
    try:
        for shard, arguments in calls.items():
            pending[shard] = shard.submit(method, *arguments)
        return {shard: _result(shard, future, method, until, within_s) for shard, future in pending.items()}
    except BaseException:
        # Robot's time-outs and Ctrl-C end the waiting, so they must end the work too.
        for shard, future in pending.items():
            shard.carrier.abandon(future)
        raise


def _result(shard: Shard, future: Future[Any], method: str, until: float, within_s: float) -> Any:
    while True:
        try:
            return future.result(max(0.0, min(_LOOK_S, until - time.monotonic())))
        except FutureTimeout:
            if time.monotonic() >= until:
                shard.lose(f"it gave no answer to '{method}' within {within_s:g} s")
        except WorkerEnded as error:
            shard.lose(str(error))
        except WorkerError as error:
            raise WorkerError(f"{shard.name}: {error}") from None
        if shard.lost:
            raise shard.loss() from None


def spread(items: Sequence[Item], home: Callable[[Item], Shard]) -> dict[Shard, list[int]]:
    """The places of items in their sequence, by the shard whose they are."""
    places: dict[Shard, list[int]] = {}
    for place, item in enumerate(items):
        places.setdefault(home(item), []).append(place)
    return places


def joined(places: Mapping[Shard, Sequence[int]], answers: Mapping[Shard, Sequence[Any]]) -> list[Any]:
    """What the shards answered, item by item, in the order in which was asked."""
    by_place = {place: answer for shard in places for place, answer in zip(places[shard], answers[shard], strict=True)}
    return [by_place[place] for place in sorted(by_place)]
