"""The governor's process: ``python -m reference_platform.governor --socket FD --parent PID --settings JSON``."""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import signal
import socket

from process_control.open_files import allow_many_open_files
from process_control.signals import die_with_parent
from reference_platform.governor.service import serve
from reference_platform.governor.settings import GovernorSettings


def main() -> None:
    """Read the arguments and govern."""
    parser = argparse.ArgumentParser(prog="python -m reference_platform.governor", description=__doc__)
    parser.add_argument("--socket", type=int, required=True, help="inherited file descriptor of the socket pair")
    parser.add_argument("--parent", type=int, required=True, help="process id of the gateway")
    parser.add_argument("--settings", type=GovernorSettings.from_json, default=GovernorSettings(), help="JSON object")
    parser.add_argument("--defect", help="name of a seeded defect")
    arguments = parser.parse_args()
    # Not SIGKILL: the groups should be removed when the gateway dies, too.
    die_with_parent(arguments.parent, signal.SIGTERM)
    allow_many_open_files()
    if arguments.defect:
        importlib.import_module("reference_platform.defects").apply(arguments.defect)
    gc.freeze()
    asyncio.run(serve(socket.socket(fileno=arguments.socket), arguments.settings))


if __name__ == "__main__":
    main()
