"""A folder that programs write to: what it is on, and what came out when it was tried."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpcpy_doctor.looks.mounts import Mount, find_mount

__all__ = ["Folder"]

NETWORKS = ("nfs", "lustre", "gpfs", "beegfs", "ceph", "cifs", "smb", "afs", "9p", "weka")
"""Beginnings of the names of file systems that several hosts share."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder.

    Attributes
    ----------
    name
        As it was given.
    mount
        What it is on; None where the kernel does not tell.
    tried
        What `hpcpy_doctor.looks.try_folders` said of it; empty if it was not tried.
    """

    name: str
    mount: Mount | None
    tried: Mapping[str, Any]

    @classmethod
    def place(cls, name: str, tried: Mapping[str, Any], mounts: Path) -> "Folder":
        """Look up its mount; by where it really is, if a process has found that out. Local."""
        path = tried.get("path") or os.path.normpath(name)
        mount = find_mount(path, mounts) if path.startswith("/") else None
        return cls(name=name, mount=mount, tried=tried)

    @property
    def kind(self) -> str:
        """The kind of its file system."""
        return self.mount.kind if self.mount else "unknown"

    @property
    def error(self) -> str | None:
        """What the system said to the step that failed, such as ``EROFS``."""
        return self.tried.get("error")

    @property
    def step(self) -> str | None:
        """The step that failed, or did not end: look, write or lock."""
        return self.tried.get("step")

    @property
    def is_writable(self) -> bool:
        """Whether it was tried with success."""
        return bool(self.tried) and self.error is None and self.step is None

    @property
    def is_on_network(self) -> bool:
        """Whether several hosts share it."""
        return self.kind.startswith(NETWORKS)
