"""``python -m isolation.target``: write a target file, try one, or write the schema for editors.

This is a command line, nobody imports it; so it may call what stands above it.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from isolation.settings.errors import SettingsError
from isolation.target.reading.file import TargetFileError, load_target
from isolation.target.schema import target_schema
from isolation.target.starter import QUESTIONS, Starter

_CANNOT = 254
"""Exit code when something could not be examined, as for a whole run."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m isolation.target", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    new = commands.add_parser(
        "new", help="write a commented starter file; asks what was not given when there is a terminal"
    )
    new.add_argument("--name", default=None, help="what the report calls the platform")
    for option, (question, choices) in QUESTIONS.items():
        new.add_argument(f"--{option}", choices=choices, default=None, help=question)
    new.add_argument("--launch", action="store_true", help="the suite starts the platform")
    new.add_argument("--operator", action="store_true", help="there is an interface for whoever runs it")
    new.add_argument("--output", type=Path, default=None, help="file to write; standard output when not given")
    check = commands.add_parser("check", help="try a target file step by step with two tenants")
    check.add_argument("file", type=Path)
    check.add_argument("--only-read", action="store_true", help="read the file, talk to nobody")
    commands.add_parser("schema", help="print the JSON schema for editors")
    options = parser.parse_args(arguments)
    if options.command == "schema":
        print(json.dumps(target_schema(), indent=1, ensure_ascii=False))
        return 0
    return _new(options) if options.command == "new" else _check(options)


def _new(options: argparse.Namespace) -> int:
    given = {name: getattr(options, name) for name in ("name", *QUESTIONS) if getattr(options, name) is not None}
    if sys.stdin.isatty() and not options.output and len(given) == 0:
        given = _asked()
    elif given.get("connection") == "http":
        given.setdefault("answers", "stream")
    starter = Starter(**given, launch=options.launch, operator=options.operator)
    contradiction = starter.contradiction()
    if contradiction:
        print(contradiction, file=sys.stderr)
        return 2
    if options.output is None:
        print(starter.text(), end="")
        return 0
    try:
        with options.output.open("x", encoding="utf-8") as file:
            file.write(starter.text())
    except OSError as error:
        print(f"{options.output} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    print(
        f"{options.output} is written. Change the lines marked CHANGE, then: python -m isolation.target check {options.output}"
    )
    return 0


def _asked() -> dict[str, Any]:
    answers = {"name": _ask("What shall the report call your platform?", ())}
    for option, (question, choices) in QUESTIONS.items():
        answers[option] = _ask(question, choices)
    return answers


def _ask(question: str, choices: tuple[str, ...]) -> str:
    while True:
        print(f"{question}{' [' + ', '.join(choices) + ']' if choices else ''} ", end="", file=sys.stderr, flush=True)
        answer = input().strip()
        if answer and (not choices or answer in choices):
            return answer


def _check(options: argparse.Namespace) -> int:
    try:
        target = load_target(options.file.parent, str(options.file))
    except TargetFileError as error:
        for problem in error.problems:
            print(f"{options.file}{f':{problem.line}' if problem.line else ''}: {problem.sentence}", file=sys.stderr)
        return _CANNOT
    except SettingsError as error:
        print(error, file=sys.stderr)
        return _CANNOT
    if options.only_read:
        print(
            f"{options.file}: can be used ({target.name}; {len(target.requests)} requests, {len(target.things)} things)"
        )
        return 0
    walk = import_module("isolation.scenarios.check_target")
    return int(walk.check(target))


if __name__ == "__main__":
    sys.exit(main())
