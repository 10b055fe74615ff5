"""What the report says about the run as a whole: the machine and every setting."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from isolation.record import Environment
from robot_support import run as runs
from robot_support.run import Run


def environment_or_nothing() -> Environment | None:
    """The machine and the target, or None when the target was never reached."""
    return runs.current().environment() if runs.is_open() else None


def settings_of(run: Run) -> dict[str, str]:
    """Every setting of the run by name: profile, environment variables, seeded defect."""
    settings = {"profile": f"{run.profile.name}: {run.profile.purpose}", "strict": str(run.strict).lower()}
    if run.wishes.defect:
        settings["seeded defect"] = run.wishes.defect
    settings.update(_flat(run.profile.model_dump(exclude={"name", "purpose", "strict"}), run.profile))
    settings.update(run.variables.shown())
    return settings


_UNITS = {
    "Seconds": "s",
    "Megabytes": "MB",
    "Percent": "%",
    "PerSecond": "requests/s",
}


def _flat(values: Mapping[str, object], model: BaseModel) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        part = getattr(model, name)
        if isinstance(part, BaseModel):
            flat.update({f"{name} {inner}": text for inner, text in _flat(part.model_dump(), part).items()})
        else:
            flat[name] = f"{value:g} {_unit(model, name)}".strip()
    return flat


def _unit(model: BaseModel, name: str) -> str:
    annotation = type(model).__annotations__.get(name, "")
    return _UNITS.get(str(annotation), "")
