"""The editor's two commands: ``python -m scenario_editor check FILE ...`` and ``... book [FILE.html]``.

``check`` ends with 0 when there is no mistake, with 1 when there is one, with 2 when something cannot be read. Neither needs a platform.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from isolation.show.files.safe import write_whole
from isolation.show.text import one_line
from scenario_editor.check import check
from scenario_editor.page import book_page

_BOOK = Path("results/phrase_book.html")


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m scenario_editor", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="look for mistakes in scenarios, without a platform")
    checking.add_argument("files", type=Path, nargs="+", metavar="FILE", help="a .robot file, or a folder of them")
    checking.add_argument("--profile", default="quick", help="says how many tenants there are (quick)")
    writing = commands.add_parser("book", help="write the phrase book as a page")
    writing.add_argument("file", type=Path, nargs="?", default=_BOOK, help=f"where to ({_BOOK})")
    chosen = parser.parse_args()
    return _check(chosen.files, chosen.profile) if chosen.command == "check" else _book(chosen.file)


def _check(files: list[Path], profile: str) -> int:
    mistakes = tests = steps = 0
    for file in files:
        try:
            checked = check(file, profile)
        except ValueError as error:
            print(f"{file}: {one_line(str(error))}", file=sys.stderr)
            return 2
        for finding in checked.findings:
            print(one_line(str(finding)))
        mistakes, tests, steps = mistakes + len(checked.findings), tests + checked.tests, steps + checked.steps
    print(
        f"{_many(mistakes, 'mistake')} in {_many(tests, 'test')} with {_many(steps, 'step')}; nothing was run, no platform was needed"
    )
    return 1 if mistakes else 0


def _many(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _book(file: Path) -> int:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file.resolve(), book_page())
    except OSError as error:
        print(f"'{file}' could not be written: {error.strerror or error}", file=sys.stderr)
        return 2
    print(f"The phrase book is in {file}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
