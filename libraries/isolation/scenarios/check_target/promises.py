"""Which experiments can be made on a target, and what would have to be added for the others: by their own needs."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from isolation import scenarios
from isolation.target.model import Target
from isolation.target.needs import Needs, missing


def experiments() -> Iterator[tuple[str, Needs]]:
    """Every experiment that states its needs, in one sentence each."""
    for module in sorted(pkgutil.walk_packages(scenarios.__path__, "isolation.scenarios."), key=lambda one: one.name):
        if ".check_target" in module.name:
            continue
        loaded = import_module(module.name)
        needs = getattr(loaded, "NEEDS", None)
        if isinstance(needs, Needs):
            yield (loaded.__doc__ or module.name).strip().split("\n")[0].rstrip("."), needs


def by_experiment(target: Target) -> list[tuple[str, tuple[str, ...]]]:
    """Every experiment with what the target lacks for it."""
    return [(sentence, missing(target, needs)) for sentence, needs in experiments()]
