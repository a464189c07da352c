"""Prove that an MPI runs from where it is, and that it knows CUDA; no GPU is needed."""

import os
import sys
from pathlib import Path

from hpcpy_core.errors import HpcpyError
from hpcpy_core.expendable import scrub
from hpcpy_core.tools import run_tool

__all__ = ["COMPONENTS", "environment", "prove"]

COMPONENTS = ("MCA accelerator: cuda", "MCA btl: smcuda", "MCA coll: cuda", "MCA pml: ucx")
JOB = Path(__file__).with_name("exchange.py")
SECONDS = 120.0


def environment(prefix: Path) -> dict[str, str]:
    """Return the variables by which Open MPI finds itself in `prefix`, and mpi4py finds it. Local.

    MPI4PY_MPIABI must not be set: with it, mpi4py does not look at MPI4PY_LIBMPI.
    """
    library = prefix / "lib" / "libmpi.so.40"
    return {"OPAL_PREFIX": str(prefix), "MPI4PY_LIBMPI": str(library)}


def prove(prefix: Path, stub: Path) -> None:
    """Check the components, then run two ranks, over the stub and without any driver. Local.

    Parameters
    ----------
    prefix
        Of the MPI; absolute.
    stub
        The folder of a libcuda.so.1 that finds no device.

    Raises
    ------
    HpcpyError
        What was expected is not there.
    """
    alone = {**scrub(os.environ), **environment(prefix)}
    alone.pop("MPI4PY_MPIABI", None)
    libraries = filter(None, [str(stub), alone.get("LD_LIBRARY_PATH")])
    driven = {**alone, "LD_LIBRARY_PATH": os.pathsep.join(libraries)}
    said = run_tool([str(prefix / "bin" / "ompi_info")], SECONDS, environ=driven)
    missing = [name for name in COMPONENTS if name not in said]
    if f"Prefix: {prefix}\n" not in said:
        missing.append(f"its prefix {prefix}")
    if missing:
        raise HpcpyError(f"{prefix}/bin/ompi_info does not list {', '.join(missing)}")
    launch = [str(prefix / "bin" / "mpiexec"), "--oversubscribe", "-n", "2"]
    for environ in (driven, alone):
        said = run_tool([*launch, sys.executable, str(JOB), str(prefix)], SECONDS, environ=environ)
        if sorted(said.split()) != ["rank-0-of-2", "rank-1-of-2"]:
            raise HpcpyError(f"two ranks of {prefix} did not both say that all was right: {said}")
