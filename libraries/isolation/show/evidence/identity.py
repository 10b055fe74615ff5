"""What exactly was run, by whom and where: without it, a page says nothing about anything."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from isolation.show.text import clean, shorten

_LONGEST_BUILD = 120


def build_words(by_file: str | None, by_platform: object) -> str:
    """The build of the platform, and who says so: what runs says it better than what was written down about it.

    Args:
        by_file: What the target file says.
        by_platform: What the operator interface answered.
    """
    said = shorten(" ".join(clean(str(by_platform)).split()), _LONGEST_BUILD) if by_platform else ""
    if said and by_file and by_file not in said:
        return f"{said} (as the platform says; the target file says {by_file})"
    if said:
        return f"{said} (as the platform says)"
    return f"{by_file} (as the target file says)" if by_file else ""


class Identity(BaseModel):
    """Who made this evidence.

    Attributes:
        commit: Commit of the suite, or empty when nobody knows.
        changed: Whether files differ from that commit; None when nobody knows.
        hashes: SHA-256 of what decides: suites, keywords, libraries, promises, profile, target file.
        platform_build: What the platform says about its own version.
        packages: Versions of the installed packages that the suite works with.
        host: Name of the machine.
        command_line: How the run was started.
        user: Who started it.
        defect: Name of the defect that was seeded on purpose, or empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite_version: str = ""
    commit: str = ""
    changed: bool | None = None
    hashes: dict[str, str] = Field(default_factory=dict)
    platform_build: str = ""
    packages: dict[str, str] = Field(default_factory=dict)
    host: str = ""
    command_line: str = ""
    user: str = ""
    defect: str = ""

    def version(self) -> str:
        """Such as ``1.0.0, commit 200c39041eae (changed since)``."""
        known = [
            self.suite_version or "version not known",
            f"commit {self.commit[:12]}" if self.commit else "no commit",
        ]
        changed = {True: " (changed since)", False: "", None: " (not known whether changed)"}[self.changed]
        return ", ".join(known) + changed
