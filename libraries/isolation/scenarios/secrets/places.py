"""The places where secrets are searched for: stores, log files, processes; and what proves that each search works."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import redis

from isolation.drive.stores.shared_places import read_shared_places
from isolation.drive.stores.store_clickhouse import NoClickHouse, NotInstalled
from isolation.drive.stores.store_redis import TYPES, ChannelWatch, plant_controls, remove_controls
from isolation.drive.stores.stores import read_clickhouse, read_files, read_redis, read_rows
from isolation.record.secrets.pieces import NotReadable, Piece
from isolation.record.secrets.searches import Planted, Search
from isolation.scenarios.api import Api, NotExamined, NotOffered
from isolation.scenarios.secrets.decoy import DecoyProcess
from isolation.scenarios.secrets.searching import PieceSearch, control_file, search_processes
from isolation.target.needs import Needs, missing
from isolation.target.words import OperatorOperation

_WRITTEN_WITHIN_S = 1.2
"""How long after the work the platform has written what it writes now and then."""
_CHANNEL_S = 0.3
_PROCESSES = Needs(processes=True)


class Place(StrEnum):
    """Where is searched."""

    FRAMES = "frames"
    DATABASE = "PostgreSQL"
    CACHE = "Redis"
    ANALYTICS = "ClickHouse"
    LOGS = "log files"
    PROCESSES = "agent processes"


STORE_OF = {
    Place.DATABASE: "postgresql",
    Place.CACHE: "redis",
    Place.ANALYTICS: "clickhouse",
    Place.LOGS: "logs",
}
"""The store of the target file that a place is."""


class Places:
    """Searches one place after the other; listens to every channel of the cache from the beginning."""

    def __init__(self, api: Api) -> None:
        """Begin to listen."""
        self._api = api
        self._secrets = api.secrets
        self._channels = self._listen()

    def search(self, place: Place, owners: tuple[str, ...], worked_at: float) -> Search:
        """Search a place.

        Args:
            place: Which.
            owners: Tenants whose own secrets should be found where they belong.
            worked_at: When the users had done their work (seconds, monotonic clock).

        Raises:
            NotExamined: It cannot be searched.
            NotOffered: What could search it is not installed.
        """
        if place is Place.DATABASE:
            return self._database(owners)
        if place is Place.CACHE:
            return self._cache(owners)
        if place is Place.ANALYTICS:
            return self._analytics(worked_at)
        if place is Place.LOGS:
            return self._logs()
        return self._processes(owners)

    def _database(self, owners: tuple[str, ...]) -> Search:
        found = PieceSearch(self._secrets, Place.DATABASE, at_rest=True)
        found.look_at(read_rows(self._address(Place.DATABASE)))
        return found.search(Planted(owners=owners))

    def _cache(self, owners: tuple[str, ...]) -> Search:
        address, control = self._address(Place.CACHE), self._secrets.control()
        found = PieceSearch(self._secrets, Place.CACHE, at_rest=True)
        planted = 0
        try:
            keys = plant_controls(address, self._prefix, control) if self._may_write else []
            try:
                found.look_at(read_redis(address))
            finally:
                if keys:
                    remove_controls(address, keys)
            planted = len(TYPES) if keys else 0
            if self._channels is not None:
                planted += self._heard(found)
        except redis.RedisError as error:
            raise NotExamined(f"the cache cannot be read ({type(error).__name__})") from None
        return found.search(Planted(planted, owners), own_probes=planted)

    def _heard(self, found: PieceSearch) -> int:
        """What passed over the channels; how many controls were sent over them."""
        channels, self._channels = self._channels, None
        assert channels is not None
        if self._may_write:
            channels.publish(self._prefix, self._secrets.control())
            time.sleep(_CHANNEL_S)
        found.look_at(channels.end())
        return int(self._may_write)

    def _analytics(self, worked_at: float) -> Search:
        address = self._address(Place.ANALYTICS)
        time.sleep(max(0.0, worked_at + _WRITTEN_WITHIN_S - time.monotonic()))
        found = PieceSearch(self._secrets, Place.ANALYTICS, at_rest=True)
        try:
            found.look_at(read_clickhouse(address, self._secrets.control()))
        except NotInstalled as error:
            raise NotOffered(str(error)) from None
        except NoClickHouse as error:
            raise NotExamined(str(error)) from None
        return found.search(Planted(controls=1), own_probes=1)

    def _logs(self) -> Search:
        """Whoever may read a log sees the lines of everybody, so not even the owner's own secret belongs there."""
        found = PieceSearch(self._secrets, Place.LOGS, shared=True)
        found.look_at(read_files(Path(self._address(Place.LOGS)), "log"))
        found.look_at(self._control_folder("log"))
        return found.search(Planted(controls=1), own_probes=1)

    def _processes(self, owners: tuple[str, ...]) -> Search:
        if lacks := missing(self._api.target, _PROCESSES):
            raise NotOffered("; ".join(lacks))
        own = set(owners)
        processes = [ref for ref in self._api.monitor.processes() if ref.tenant in own]
        with DecoyProcess(self._secrets.control()) as decoy:
            planted = Planted(1, owners)
            return search_processes(self._secrets, processes, decoy, self._temporary_files(), planted)

    def _temporary_files(self) -> Iterator[Piece | NotReadable]:
        """The temporary folders that the operator knows, and one of the suite's own with a control in it."""
        yield from self._control_folder("temporary file")
        asked = OperatorOperation.INVENTORY in self._api.target.operator
        folders = self._api.monitor.operator(OperatorOperation.INVENTORY).get("temp_folders", []) if asked else []
        yield from self._shared_places(folders)
        for name in folders:
            for piece in read_files(Path(name), "temporary file"):
                if isinstance(piece, Piece):
                    yield Piece(piece.place, f"{name} {piece.owner_hint}", piece.data, piece.looks)
                elif Path(name).exists():
                    yield piece

    def _shared_places(self, own_folders: list[str]) -> Iterator[Piece | NotReadable]:
        """What everybody on the machine can see; the folders of agents are searched by themselves."""
        began = time.time() - (time.monotonic() - self._api.began_at)
        yield from read_shared_places(began, [Path(name) for name in own_folders])

    def _control_folder(self, kind: str) -> Iterator[Piece | NotReadable]:
        """A control in a folder of the suite's own, read in the same way: nothing is written into folders of the target."""
        with tempfile.TemporaryDirectory(prefix="isolation-control-") as folder:
            control_file(Path(folder), self._secrets.control())
            yield from read_files(Path(folder), kind)

    def _listen(self) -> ChannelWatch | None:
        address = self._api.stores.get(STORE_OF[Place.CACHE])
        try:
            return ChannelWatch(address) if address else None
        except redis.RedisError as error:
            self._api.reduce(f"The channels of the cache could not be listened to ({type(error).__name__}).")
            return None

    @property
    def _may_write(self) -> bool:
        """Whether controls may be planted in a store: only where the suite has started the platform itself."""
        return self._api.target.launch is not None

    @property
    def _prefix(self) -> str:
        return f"isolation-control:{self._api.run_id}"

    def _address(self, place: Place) -> str:
        address = self._api.stores.get(STORE_OF[place])
        if not address:
            raise NotExamined(f"the address of {place} is not known")
        return address
