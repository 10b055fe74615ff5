"""Helpers of all defects: replacing a function wherever it is used, and finding the running gateway."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reference_platform.gateway.gateway import Gateway

_gateways: list[Gateway] = []


def replace(owner: object, name: str, replacement: object) -> None:
    """Replace an attribute of a class or module.

    Args:
        owner: Whose attribute.
        name: Its name; there must be one.
        replacement: By what.

    Raises:
        AttributeError: If there is none: the seam has moved, and the defect would do nothing.
    """
    getattr(owner, name)
    setattr(owner, name, replacement)


def replace_everywhere(function: Callable[..., Any], replacement: Callable[..., Any]) -> None:
    """Replace a function in every loaded module of the platform that imported it by name.

    Args:
        function: What is replaced.
        replacement: By what.
    """
    for name, module in list(sys.modules.items()):
        if name.startswith("reference_platform."):
            for attribute, value in list(vars(module).items()):
                if value is function:
                    setattr(module, attribute, replacement)


def leave_out_alerts(kind: str) -> None:
    """Let the governor raise no alert of one kind.

    Args:
        kind: Which.
    """
    from reference_platform.governor.journal import Journal

    alert = Journal.alert

    def alert_of_others(self: Journal, found: Any) -> None:
        if found.kind != kind:
            alert(self, found)

    replace(Journal, "alert", alert_of_others)


def watch_gateway() -> None:
    """Remember the gateway as soon as it is made; for :func:`gateway`."""
    from reference_platform.gateway.gateway import Gateway

    make = Gateway.__init__

    def remembering(self: Gateway, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        _gateways.append(self)

    replace(Gateway, "__init__", remembering)


def gateway() -> Gateway:
    """The running gateway; :func:`watch_gateway` was called before it was made."""
    return _gateways[-1]
