"""Configure and compile Open MPI so that it takes device pointers, and needs no GPU to start."""

import os
from pathlib import Path

from run_step import run_step

__all__ = ["PREFIX", "compile_mpi"]

PREFIX = Path("/opt/cuda-mpi")
"""What it believes to be in until OPAL_PREFIX says where it is."""

LEFT_OUT = (
    # In 5.0.7 a collective write to a full disk is a success with these; fcoll-individual says it.
    *("fcoll-dynamic", "fcoll-dynamic_gen2", "fcoll-vulcan"),
    # What watches messages, reorders ranks, or is for networks and launchers of other kinds.
    *(f"{framework}-monitoring" for framework in ("coll", "common", "osc", "pml")),
    *("btl-uct", "coll-adapt", "hook-comm_method", "pml-cm", "pml-v", "vprotocol-pessimist"),
    *("topo-treematch", "ras-simulator", "ras-testrm", "psensor-file", "psensor-heartbeat"),
    # Of PMIx: the languages of servers before version 3.
    *("bfrops-v12", "bfrops-v20", "bfrops-v21", "pnet-opa"),
)
"""Components that are not compiled."""

OPTIONS = (
    f"--prefix={PREFIX}",
    f"--enable-mca-no-build={','.join(LEFT_OUT)}",
    "--disable-dependency-tracking",  # nothing is compiled twice
    # What needs the driver is loaded where there is one; the rest runs without, and is silent.
    "--enable-mca-dso=accelerator-cuda,btl-smcuda,rcache-gpusm,rcache-rgpusm",
    "--with-show-load-errors=no",
    # Its own copies, so that it depends on nothing that this machine happens to have.
    *(f"--with-{name}=internal" for name in ("hwloc", "libevent", "pmix", "prrte")),
    *(f"--without-{name}" for name in ("libnl", "ofi", "zlib")),
    "--disable-libxml2",
    *(f"--disable-{name}" for name in ("io-romio", "mpi-fortran", "oshmem", "sphinx")),
    "CFLAGS=-O2",
)
NOT_OF_THIS_MACHINE = {"HOSTNAME": "hpcpy", "USER": "hpcpy"}
"""Open MPI writes both into itself."""
SILENCE = "pcompress_base_silence_warning = 1\n"
"""Else every mpiexec warns that there is no zlib."""

JOBS = 2


def compile_mpi(source: Path, work: Path, log: Path, *, cuda: Path, stub: Path, ucx: Path) -> Path:
    """Return the folder of the installed MPI, in `work`. Local.

    Parameters
    ----------
    source
        Unpacked; nothing is written there.
    work
        A folder for all that is made.
    log
        Of configure, make and the installation.
    cuda
        The folder with include/cuda.h.
    stub
        The folder with libcuda.so.
    ucx
        The folder with UCX's include and lib.

    Raises
    ------
    HpcpyError
        A step fails.
    """
    build = work / "build"
    build.mkdir()
    given = (f"--with-cuda={cuda}", f"--with-cuda-libdir={stub}", f"--with-ucx={ucx}")
    # Programs that are linked to a library are linked to what that one needs, too.
    known = os.environ.get("LD_LIBRARY_PATH")  # the compiler's own, on a cluster
    libraries = os.pathsep.join(filter(None, [str(ucx / "lib"), str(stub), known]))
    variables = {**NOT_OF_THIS_MACHINE, "LD_LIBRARY_PATH": libraries}
    run_step([str(source / "configure"), *OPTIONS, *given], build, log, **variables)
    run_step(["make", f"-j{JOBS}"], build, log, **variables)
    target = work / "installed"
    run_step(["make", "install", f"DESTDIR={target}"], build, log, **variables)
    prefix = target / PREFIX.relative_to("/")
    with (prefix / "etc" / "pmix-mca-params.conf").open("a") as settings:
        settings.write(SILENCE)
    return prefix
