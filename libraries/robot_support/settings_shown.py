"""What the report says about the run as a whole: every setting, with its unit."""

from __future__ import annotations

from pydantic import BaseModel

from robot_support.run import Run

_FORMATS = {
    "Seconds": "{:g} s",
    "Megabytes": "{:g} MB",
    "Percent": "{:g} %",
    "PerSecond": "{:g} requests/s",
}


def settings_of(run: Run) -> dict[str, str]:
    """Every setting of the run by name: profile, environment variables, seeded defect."""
    settings = {"profile": f"{run.profile.name}: {run.profile.purpose}", "strict": str(run.strict).lower()}
    if run.options.defect:
        settings["seeded defect"] = run.options.defect
    for name, part in run.profile:
        if isinstance(part, BaseModel):
            settings.update({f"{name} {inner}": _text(part, inner, value) for inner, value in part})
    settings.update(run.variables.shown())
    return settings


def _text(part: BaseModel, name: str, value: object) -> str:
    """A setting with its unit."""
    unit = str(type(part).__annotations__[name])
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    return _FORMATS[unit].format(value) if unit in _FORMATS else str(value)
