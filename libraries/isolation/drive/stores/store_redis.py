"""Everything in Redis: keys and values of every type, streams, and what passes over channels while somebody watches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import redis

from isolation.record.secrets.pieces import NotReadable, Piece

_TIMEOUT = 5.0
_READERS: dict[str, Callable[[Any, bytes], Any]] = {
    "string": lambda client, key: client.get(key),
    "hash": lambda client, key: client.hgetall(key),
    "list": lambda client, key: client.lrange(key, 0, -1),
    "set": lambda client, key: client.smembers(key),
    "zset": lambda client, key: client.zrange(key, 0, -1),
    "stream": lambda client, key: client.xrange(key),
}
TYPES = tuple(_READERS)
"""The types of value that can be read."""


def read_redis(address: str) -> Iterator[Piece | NotReadable]:
    """Every key of every database, with its value; the key is the owner hint.

    Args:
        address: Address with the operator's login (a secret).

    Raises:
        redis.RedisError: The server is not there or refuses the login.
    """
    with _client(address) as client:
        databases = sorted(int(name.removeprefix("db")) for name in client.info("keyspace"))
    for number in databases:
        with _client(address, number) as client:
            for key in sorted(client.scan_iter(count=1000)):
                yield from _entry(client, number, key)


def plant_controls(address: str, prefix: str, text: str) -> list[str]:
    """Put one own key of every type, with ``text`` as its value, for the suite's own positive control.

    Returns:
        The keys; remove them with `remove_controls`.
    """
    keys = {kind: f"{prefix}:{kind}" for kind in TYPES}
    with _client(address) as client:
        client.set(keys["string"], text)
        client.hset(keys["hash"], "field", text)
        client.rpush(keys["list"], text)
        client.sadd(keys["set"], text)
        client.zadd(keys["zset"], {text: 1.0})
        client.xadd(keys["stream"], {"field": text})
    return list(keys.values())


def remove_controls(address: str, keys: list[str]) -> None:
    """Remove keys that `plant_controls` made."""
    with _client(address) as client:
        client.delete(*keys)


class ChannelWatch:
    """Listens to every channel from now on, in a thread of its own."""

    def __init__(self, address: str) -> None:
        """Subscribe to everything.

        Raises:
            redis.RedisError: The server is not there or refuses.
        """
        self._client = _client(address)
        self._subscription = self._client.pubsub()
        self._subscription.psubscribe("*")
        self._subscription.get_message(timeout=_TIMEOUT)
        self._pieces: list[Piece] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True, name="channels")
        self._thread.start()

    def publish(self, channel: str, text: str) -> int:
        """Say something over a channel of the suite's own; returns how many listened."""
        return int(cast(int, self._client.publish(channel, text)))

    def end(self) -> list[Piece]:
        """Stop listening.

        Returns:
            Everything that passed, one piece per message; the channel is the owner hint.
        """
        self._stop.set()
        self._thread.join(_TIMEOUT)
        self._subscription.close()
        self._client.close()
        return self._pieces

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                message = self._subscription.get_message(ignore_subscribe_messages=True, timeout=0.1)
            except (redis.RedisError, OSError, ValueError):
                return  # the server is gone: what came until then is what can be judged
            if message is not None:
                channel = _text(message["channel"])
                self._pieces.append(
                    Piece("Redis channel", channel, _bytes(message["channel"]) + b"\n" + _bytes(message["data"]))
                )


def _entry(client: Any, number: int, key: bytes) -> Iterator[Piece | NotReadable]:
    kind = _text(client.type(key))
    if kind == "none":
        return  # it expired since the keys were listed
    place = f"Redis {kind}" + (f" (database {number})" if number else "")
    if kind not in _READERS:
        yield NotReadable(place, "this type of value is not known to the suite")
        return
    yield Piece(place, _text(key), key + b"\n" + b"\n".join(_flat(_READERS[kind](client, key))))


def _flat(value: Any) -> Iterator[bytes]:
    """Every text of a value, however nested."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(name)
            yield from _flat(inner)
    elif isinstance(value, (list, tuple, set)):
        for inner in value:
            yield from _flat(inner)
    elif value is not None:
        yield _bytes(value)


def _client(address: str, number: int | None = None) -> Any:
    options = {} if number is None else {"db": number}
    return redis.Redis.from_url(address, socket_timeout=_TIMEOUT, protocol=2, **options)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
