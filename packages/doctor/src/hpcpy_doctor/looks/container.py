"""Which container this process is in, and what is mounted into it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Container", "find_container"]

ROOT = Path("/")

MARKS = {
    "APPTAINER_CONTAINER": "Apptainer",
    "SINGULARITY_CONTAINER": "Singularity",
    "SHIFTER_RUNTIME": "Shifter",
    "CH_RUNNING": "Charliecloud",
}
"""Variables that a container sets; the first two name the image."""


@dataclass(frozen=True, kw_only=True)
class Container:
    """What a process is in.

    Attributes
    ----------
    kind
        ``Apptainer``, ``Docker`` and others.
    image
        Its file or its name; None where it is not told.
    """

    kind: str
    image: str | None

    def __str__(self) -> str:
        """Return kind and image."""
        return f"{self.kind}, {self.image}" if self.image else self.kind


def find_container(environ: Mapping[str, str], root: Path = ROOT) -> Container | None:
    """Return the container of this process, or None. Local.

    Parameters
    ----------
    environ
        Its variables.
    root
        The root of the file system.
    """
    for variable, kind in MARKS.items():
        if variable in environ:
            image = environ[variable] if variable.endswith("_CONTAINER") else None
            return Container(kind=kind, image=image or None)
    podman = _read(root / "run" / ".containerenv")
    if podman is not None:
        name = re.search(r'^image="(.*)"', podman, re.MULTILINE)
        return Container(kind="Podman", image=name[1] if name else None)
    if (root / ".dockerenv").exists():
        return Container(kind="Docker", image=None)
    if named := environ.get("container"):  # as systemd and Podman have it
        return Container(kind=named, image=None)
    groups = _read(root / "proc" / "1" / "cgroup") or ""
    other = re.search(r"docker|kubepods|lxc|libpod", groups)
    return Container(kind=other[0], image=None) if other else None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return None
