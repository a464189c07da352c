"""Unpack the bundle's wheels and its MPI into a folder of their own. Needs no package, nor pip.

A wheel is a zip file of what belongs into site-packages. PYTHONPATH puts it before what this
Python has, and takes nothing away: its CuPy and NumPy are used.
"""

import hashlib
import lzma
import os
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["Unusable", "find_bundle", "unpack_bundle"]

MPI = "cuda-mpi.tar.xz"
LOCK = "requirements.txt"
LIBRARY_PATHS = ("OPAL_PREFIX", "MPI4PY_LIBMPI", "MPI4PY_MPIABI", "HPCPY_MPIEXEC")
"""What would lead to another MPI, where the caller's environment has it."""


class Unusable(Exception):  # noqa: N818 - no error of ours can be imported yet
    """The bundle or this machine cannot be used; says why, and what mends it."""


def find_bundle(root: Path) -> Path:
    """Return the folder of the bundle: `root` itself, or the one that was made in a checkout."""
    for folder in (root, root / "build" / "gpu-bundle"):
        if (folder / MPI).exists():
            return folder
    raise Unusable(f"{root} holds no bundle: `nox -s gpu_bundle` makes one, with a network")


def unpack_bundle(
    bundle: Path, work: Path, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Unpack what fits this Python; return the environment that uses it. Local.

    Parameters
    ----------
    bundle
        From `nox -s gpu_bundle`; only read.
    work
        An empty folder, for programs: not on a file system that forbids to run them.
    environ
        Of the caller.

    Raises
    ------
    Unusable
        There is no wheel for this Python, or a file is damaged.
    """
    site = work / "site"
    for wheel in list_wheels(bundle):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    try:
        with tarfile.open(bundle / MPI) as archive:
            # By its name, since Python 3.11.2 of Debian 12 has no argument for it.
            if hasattr(tarfile, "data_filter"):
                archive.extraction_filter = tarfile.data_filter
            archive.extractall(work)
    except (EOFError, lzma.LZMAError, tarfile.TarError) as error:
        raise Unusable(f"{bundle / MPI} is damaged: copy the bundle again") from error
    prefix = work / "cuda-mpi"
    for name in ("tmp", "cache"):
        (work / name).mkdir()
    found = {name: text for name, text in environ.items() if name not in LIBRARY_PATHS}
    return {
        **found,
        "PYTHONPATH": join(site, environ.get("PYTHONPATH")),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": join(prefix / "bin", environ.get("PATH")),
        "OPAL_PREFIX": str(prefix),
        "MPI4PY_LIBMPI": str(prefix / "lib" / "libmpi.so.40"),
        "HPCPY_MPIEXEC": str(prefix / "bin" / "mpiexec"),
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
        "TMPDIR": str(work / "tmp"),
        "XDG_CACHE_HOME": str(work / "cache"),
        "CUPY_CACHE_DIR": str(work / "cache" / "cupy"),
    }


def list_wheels(bundle: Path) -> Iterator[Path]:
    """Yield the wheels for this Python, each checked against its hash."""
    text = (bundle / LOCK).read_text()
    own = f"cp{sys.version_info.major}{sys.version_info.minor}"
    served = set()
    for wheel in sorted((bundle / "wheels").glob("*.whl")):
        name, _, *_, python, _, _ = wheel.stem.split("-")
        if own not in python.split(".") and "py3" not in python.split("."):
            continue
        if f"--hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}" not in text:
            raise Unusable(f"{wheel} is damaged: copy the bundle again")
        served.add(name)
        yield wheel
    wanted = {name.replace("-", "_") for name in re.findall(r"^([\w-]+)==", text, re.MULTILINE)}
    if missing := sorted(wanted - served):
        raise Unusable(
            f"the bundle has no wheel of {', '.join(missing)} for Python "
            f"{sys.version.split()[0]}, only for 3.11 to 3.13: name another one by HPCPY_PYTHON"
        )


def join(folder: Path, rest: str | None) -> str:
    """Put a folder before the others of a search path."""
    return os.pathsep.join([str(folder), *([rest] if rest else [])])
