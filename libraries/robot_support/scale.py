"""The numbers of the profile, as sentences of the phrase book use them: ``${SCALE.steady.tenants}``, ``${SCALE.steady.rate}``."""

from __future__ import annotations

from pydantic import BaseModel
from robot.utils import DotDict  # type: ignore[import-untyped]  # Robot's utilities carry no type information

from isolation.settings.profile import Profile

_FORMATS = {
    "Seconds": "{:g} s",
    "Megabytes": "{:g} MB",
    "Percent": "{:g} %",
    "PerSecond": "{:g} requests/s",
}


def scale_of(profile: Profile) -> DotDict:
    """The parts of the profile; quantities as text with their unit, counts and all else as they are."""
    return DotDict({name: _part(part) for name, part in profile if isinstance(part, BaseModel)})


def quantities(part: BaseModel) -> dict[str, str]:
    """Every setting of a part of the profile as text with its unit."""
    return {name: str(value) for name, value in _part(part).items()}


def _part(part: BaseModel) -> DotDict:
    units = type(part).__annotations__
    return DotDict({name: _text(str(units[name]), value) for name, value in part})


def _text(unit: str, value: object) -> object:
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    return _FORMATS[unit].format(value) if unit in _FORMATS else value
