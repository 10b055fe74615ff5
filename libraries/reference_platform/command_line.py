"""The command line of ``python -m reference_platform``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from process_control.open_files import allow_many_open_files
from reference_platform import defects, look_alikes
from reference_platform.services import ServiceError
from reference_platform.services.connecting import forget_libpq_variables
from reference_platform.settings import SettingsError, describe_settings, load_settings
from reference_platform.supervisor import GatewayLost, StartFailed, StartOptions, Supervisor

ENDED_BY_ITSELF = 1
FAILED = 2
_NEEDED_BY_CHILDREN = {"websockets": "websockets", "jwt": "PyJWT", "redis": "redis", "psutil": "psutil"}


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong with the arguments."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(FAILED, f"{message[:1].upper()}{message[1:]}.\n")


def main(arguments: Sequence[str]) -> int:
    """Run the platform until it is told to stop.

    Args:
        arguments: Without the program's name.

    Returns:
        0, 2 when it could not start, 1 when it ended by itself; why stands on standard error, in one sentence.
    """
    chosen = _parser().parse_args(arguments)
    allow_many_open_files()
    forget_libpq_variables(os.environ)
    if chosen.list_defects:
        print("\n".join(f"{name}: {meaning}" for name, meaning in known_defects().items()))
        return 0
    if chosen.list_look_alikes:
        print("\n".join(f"{one.name}: {one.meaning}" for one in look_alikes.NAMES.values()))
        return 0
    try:
        Supervisor(_options(chosen)).run()
    except (SettingsError, ServiceError, StartFailed) as error:
        print(error, file=sys.stderr)
        return FAILED
    except GatewayLost as error:
        print(error, file=sys.stderr)
        return ENDED_BY_ITSELF
    return 0


def _options(chosen: argparse.Namespace) -> StartOptions:
    for module, package in _NEEDED_BY_CHILDREN.items():
        if find_spec(module) is None:
            raise StartFailed(f"The package '{package}' is not installed: pip install -r requirements.txt.")
    for name in chosen.defect:
        if name not in known_defects():
            raise StartFailed(f"There is no defect '{name}'; --list-defects shows them all.")
    for name in chosen.look_alike:
        if name not in look_alikes.NAMES:
            raise StartFailed(f"There is no look-alike '{name}'; --list-look-alikes shows them all.")
    settings = load_settings(chosen.settings_file, chosen.setting, port=chosen.port, operator_port=chosen.operator_port)
    given = {"TEST_DATABASE_URL": chosen.database_url, "TEST_REDIS_URL": chosen.redis_url}
    environment = {**os.environ, **{name: value for name, value in given.items() if value is not None}}
    return StartOptions(
        settings, tuple(chosen.defect), tuple(chosen.look_alike), environment, end_with_parent=chosen.end_with_parent
    )


def known_defects() -> dict[str, str]:
    """Every seeded defect with its meaning."""
    return defects.catalogue()


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m reference_platform",
        description="A small, real multi-tenant WebSocket agent platform on 127.0.0.1. PROTOCOL.md describes its doors.",
        epilog=f"settings and their defaults:\n{describe_settings()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", metavar="N", help="TCP port of the tenant endpoint; any free one when left out")
    parser.add_argument("--operator-port", metavar="N", help="TCP port of the operator API; any free one when left out")
    parser.add_argument(
        "--setting", action="append", default=[], metavar="NAME=VALUE", help="one of the settings below"
    )
    parser.add_argument("--settings-file", type=Path, metavar="PATH", help="a JSON file with settings")
    parser.add_argument("--defect", action="append", default=[], metavar="NAME", help="carry a seeded defect")
    parser.add_argument("--list-defects", action="store_true", help="show all seeded defects and end")
    parser.add_argument("--look-alike", action="append", default=[], metavar="NAME", help="make a harmless variation")
    parser.add_argument("--list-look-alikes", action="store_true", help="show all harmless variations and end")
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="use this PostgreSQL (default: $TEST_DATABASE_URL, else an own one); others can see a password given here",
    )
    parser.add_argument("--redis-url", metavar="URL", help="use this Redis (default: $TEST_REDIS_URL, else an own one)")
    parser.add_argument(
        "--end-with-parent", action="store_true", help="end when the process that started this one ends"
    )
    return parser
