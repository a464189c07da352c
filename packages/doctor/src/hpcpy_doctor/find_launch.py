"""Find what all processes of this launch know alike, and those of no other launch know."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hpcpy_core.launch import read_announcement
from hpcpy_doctor.process import PROC, Process, list_ancestors

__all__ = ["Launch", "find_launch", "list_launchers"]

LAUNCHERS = (
    *("hydra_pmi_proxy", "pmi_proxy", "mpiexec", "mpiexec.hydra", "mpiexec.gforker", "mpirun"),
    *("prterun", "prted", "prte", "orterun", "orted", "mpispawn", "jsrun", "jsmd", "palsd"),
)
"""Programs that start ranks; a command name is cut after 15 letters."""

LOCAL_SIZES = ("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS")


@dataclass(frozen=True, kw_only=True)
class Launch:
    """The launch of this process.

    Attributes
    ----------
    key
        A name that all of its processes find, and those of no other launch; None if there is
        nothing to make it of, or nobody to share it with.
    size, rank
        As announced; rank None without an announcement.
    one_node
        Whether all processes are on one node, as far as the launcher tells.
    """

    key: str | None
    size: int
    rank: int | None
    one_node: bool


def find_launch(environ: Mapping[str, str] = os.environ, proc: Path = PROC) -> Launch:
    """Look at what the launcher left in the environment, and at who started whom. Local."""
    announcement = read_announcement(environ)
    if announcement is None:
        started_by = _find_launcher(proc)
        return Launch(
            key=_name(started_by) if started_by else None, size=1, rank=None, one_node=True
        )
    size, rank = announcement.size, announcement.rank
    if announcement.launcher == "srun":
        one_node = environ.get("SLURM_STEP_NUM_NODES", "1") == "1"
        words = [
            environ.get(f"SLURM_{name}", "") for name in ("JOB_ID", "STEP_ID", "RESTART_COUNT")
        ]
        return Launch(key=_name(["srun", *words]), size=size, rank=rank, one_node=one_node)
    local = next((environ[name] for name in LOCAL_SIZES if name in environ), str(size))
    one_node = local == str(size)
    started_by = _find_launcher(proc)
    shared = environ.get("PMIX_NAMESPACE") or _find_port(started_by, proc)
    # On several nodes, each has a launcher of its own.
    words = [shared or "", *((started_by or []) if one_node else [])]
    return Launch(key=_name(words) if any(words) else None, size=size, rank=rank, one_node=one_node)


def list_launchers(proc: Path = PROC) -> Iterator[tuple[int, str]]:
    """Yield number and name of every launcher above this process, the nearest first. Local."""
    return (found for found in list_ancestors(proc) if found[1] in LAUNCHERS)


def _find_launcher(proc: Path) -> list[str] | None:
    """Return what tells the nearest launcher above from every other process."""
    for pid, _ in list_launchers(proc):
        try:
            found = Process.read(pid, proc)
        except OSError:
            return None
        return [str(found.pid), str(found.started), found.machine]
    return None


def _find_port(started_by: list[str] | None, proc: Path) -> str | None:
    """Return the address of Hydra's mpiexec, which its helper on each node is given."""
    if started_by is None:
        return None
    try:
        words = (proc / started_by[0] / "cmdline").read_bytes().decode(errors="replace").split("\0")
        return words[words.index("--control-port") + 1]
    except (OSError, ValueError, IndexError):
        return None


def _name(words: list[str]) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]
