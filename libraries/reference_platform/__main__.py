"""``python -m reference_platform``: see PROTOCOL.md, "Start and stop"."""

from __future__ import annotations

import sys


def run() -> int:
    """Run the command line; a missing package is one sentence, not a traceback."""
    try:
        from reference_platform.command_line import main
    except ModuleNotFoundError as error:
        print(f"The package '{error.name}' is not installed: pip install -r requirements.txt.", file=sys.stderr)
        return 2
    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(run())
