"""What the report says about the run as a whole: the machine and every setting."""

from __future__ import annotations

from pydantic import BaseModel

from robot_support.run import Run
from robot_support.scale import quantities


def settings_of(run: Run) -> dict[str, str]:
    """Every setting of the run by name: profile, environment variables, seeded defect."""
    settings = {"profile": f"{run.profile.name}: {run.profile.purpose}", "strict": str(run.strict).lower()}
    if run.options.defect:
        settings["seeded defect"] = run.options.defect
    for name, part in run.profile:
        if isinstance(part, BaseModel):
            settings.update({f"{name} {inner}": text for inner, text in quantities(part).items()})
    settings.update(run.variables.shown())
    return settings
