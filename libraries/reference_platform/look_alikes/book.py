"""The list of all look-alikes: what each changes, and which suite files it might irritate.

Each module of this package holds those of one subject, as functions of the same name, which replace a seam of the gateway. None breaks
a promise; most are what some real platform does.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module


class UnknownLookAlike(Exception):
    """There is no look-alike of that name."""


@dataclass(frozen=True, slots=True)
class LookAlike:
    """One harmless variation.

    Attributes:
        name: Its name; also the name of the function that makes it.
        module: The module of this package where that function is.
        files: Beginnings of the suite files that it might irritate.
        meaning: What it does, in one line.
    """

    name: str
    module: str
    files: tuple[str, ...]
    meaning: str


_ROWS = """
frames    agent_registry/03,concurrent_startup/04  extra_heartbeats      a heartbeat five times a second
frames    concurrent_startup/02,agent_registry/04  public_text           the same public notice in every frame
frames    agent_registry/03,concurrent_startup/01  other_order           the fields of every frame the other way round
frames    agent_registry/03,concurrent_startup/07  blanks_in_json        frames as JSON for people, with blanks and line feeds
frames    agent_registry/03,concurrent_startup/04  unknown_pushes        frames of kinds that nobody described, to everybody
frames    agent_registry/04,concurrent_startup/02  timestamps            every frame says when it was sent
frames    concurrent_startup/01,concurrent_startup/04  big_welcome       a welcome of 60 KB
frames    concurrent_startup/07,agent_registry/01  incident_numbers      every refusal has a number of its own in its words
frames    concurrent_startup/08,agent_registry/02  empty_answers         what nobody described is answered with an empty result
transport concurrent_startup/06,concurrent_startup/04  extra_headers     answers to handshakes have more headers and a cookie
transport concurrent_startup/02,concurrent_startup/04  compressed        messages are compressed on the way
transport concurrent_startup/04,agent_registry/03  pings                 protocol-level pings twice a second
names     concurrent_startup/01,concurrent_startup/07  other_ids         ids of sessions and agents are UUIDs in capitals
names     concurrent_startup/07,concurrent_startup/05  lists_reordered   lists that promise no order come in another one each time
times     agent_registry/05,concurrent_startup/03  equally_slow          every answer takes 30 ms longer, whoever asks
times     concurrent_startup/03,agent_registry/05  first_is_slow         the first request of a platform takes half a second longer
memory    agent_registry/06,agent_registry/01  warm_up                   the first request lets the gateway grow by 30 MB, once
memory    agent_registry/06,resource_isolation/07  cache_fills           answers fill a bounded cache of 20 MB in the gateway
memory    agent_registry/06,resource_isolation/07  saw_tooth             the gateway's memory rises by 20 MB and falls, every two seconds
books     whole_run,concurrent_startup/02  talkative_log                 harmless lines in the log for every request
books     agent_registry/03,resource_isolation/03  more_entries          audit entries and alerts of kinds that nobody described
books     concurrent_startup/05,concurrent_startup/02  public_table      a table and a key with public texts, which everybody may read
books     resource_isolation/07,agent_registry/06  helper_process        a helper of the platform that belongs to no tenant
"""


def _read(row: str) -> LookAlike:
    module, files, name, meaning = row.split(maxsplit=3)
    return LookAlike(name, module, tuple(files.split(",")), meaning)


#: All look-alikes by name.
NAMES: dict[str, LookAlike] = {one.name: one for one in map(_read, _ROWS.strip().splitlines())}


def apply(name: str) -> None:
    """Be like this from now on; call it before a process builds its objects.

    Args:
        name: Its name.

    Raises:
        UnknownLookAlike: If there is none of that name.
    """
    one = NAMES.get(name)
    if one is None:
        raise UnknownLookAlike(f"There is no look-alike '{name}'.")
    getattr(import_module(f"reference_platform.look_alikes.{one.module}"), name)()
