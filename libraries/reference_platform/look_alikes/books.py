"""More than was described in logs, trails, stores and processes; nothing of it is anybody's."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

from reference_platform.defects.surgery import replace

if TYPE_CHECKING:
    from reference_platform.registry.session import Session
    from reference_platform.state.store import Store

_EVERY = 20
_TABLE = """
CREATE TABLE IF NOT EXISTS public.announcements (number integer PRIMARY KEY, text text NOT NULL);
INSERT INTO public.announcements VALUES (1, 'Welcome, everybody'), (2, 'Maintenance on Sunday') ON CONFLICT DO NOTHING;
GRANT SELECT ON public.announcements TO PUBLIC
"""
_HELPER = "from process_control.signals import die_with_parent\nimport time\ndie_with_parent()\nwhile True:\n    time.sleep(3600)\n"


def talkative_log() -> None:
    """Whatever is served is written down: ids and times, never texts."""
    from reference_platform.gateway.endpoint.dispatch import Dispatcher

    serve = Dispatcher._serve

    def noting(self: Dispatcher, session: Session, frame: dict[str, Any]) -> None:
        self._log.write(
            "served", user=session.user.name, tenant=session.user.tenant.name, operation=str(frame.get("type"))[:40]
        )
        serve(self, session, frame)

    replace(Dispatcher, "_serve", noting)


def more_entries() -> None:
    """For every entry of the trails a second one of a kind that no description knows."""
    from reference_platform.gateway.bookkeeping.audit_log import AuditLog

    add = AuditLog.add

    def add_more(self: AuditLog, kind: str, *arguments: Any, **options: Any) -> None:
        add(self, kind, *arguments, **options)
        add(self, "housekeeping", detail={"about": "nothing", "level": 1, "more": [1, {"a": None}]})

    replace(AuditLog, "add", add_more)


def public_table() -> None:
    """Announcements for everybody, in the database and in the cache."""
    from reference_platform.state.store import Store

    open_store = Store.open

    async def open_with_announcements(*arguments: Any, **options: Any) -> Store:
        store = await open_store(*arguments, **options)
        await store.database.admin.execute(_TABLE)
        await store.cache._admin.set("public:announcement", "Welcome, everybody")
        return store

    replace(Store, "open", open_with_announcements)


def helper_process() -> None:
    """A process of the platform that collects metrics."""
    from reference_platform.gateway.gateway import Gateway

    begin = Gateway.open
    started: list[subprocess.Popen[bytes]] = []

    async def open_with_helper(self: Gateway) -> None:
        started.append(
            subprocess.Popen([sys.executable, "-c", _HELPER], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        )
        await begin(self)

    replace(Gateway, "open", open_with_helper)
