"""The agent registry: who has which agent, who may reach it, where its events go, and what is left of it."""

from __future__ import annotations

from robot.api.deco import library
from robotlibcore import DynamicCore

from registry_keywords.memory import Memory
from registry_keywords.people import People
from robot_support.quantities import CONVERTERS


@library(scope="GLOBAL", converters=CONVERTERS)
class FormerRegistryLibrary(DynamicCore):
    """Drives the registry of agents through the platform's own door and judges the recorded history.

    Several users share a tenant, because colleagues are the closest strangers that there are. Everything that is asked,
    every frame that comes back, and what the operator and the kernel show, is kept for the judges of a whole suite file.
    """

    def __init__(self) -> None:
        """Put the topics together."""
        topics = [
            People(),
            Memory(),
        ]  # fmt: skip
        super().__init__(topics)
