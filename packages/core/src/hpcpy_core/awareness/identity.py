"""What a verdict holds for: the library, the driver, the machine and the variables. Starts no MPI.

It is the same in a rank of a job and outside of it, so that what was proven before mpiexec
is found by the job.
"""

import functools
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hpcpy_core.cuda_driver import load_driver
from hpcpy_core.errors import HpcpyError
from hpcpy_core.expendable import scrub
from hpcpy_core.find_library import find_library
from hpcpy_core.masking import mask_value

__all__ = ["Identity", "identify"]

Identity = dict[str, Any]
"""Plain JSON values."""

OF_MPI = (
    *("OMPI_MCA_", "MPICH_", "MPIR_CVAR_", "I_MPI_", "MV2_", "MVP_", "UCX_", "FI_", "PSM2_"),
    *("MPI4PY_", "HPCPY_EMULATED_GPU", "CUDA_DISABLE_", "LD_PRELOAD", "GDRCOPY_"),
)
"""Beginnings of the variables that change what MPI does with device memory."""

CONTAINER = ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER", "container")


def identify(environ: Mapping[str, str] = os.environ) -> Identity | None:
    """Describe this environment, or return None where nothing can be proven in it. Local.

    Parameters
    ----------
    environ
        Of this process; the variables of a launcher do not count.
    """
    library = find_library()
    try:
        driver = load_driver()
        devices = [driver.device_name(device) for device in range(driver.count_devices())]
        version = driver.version()
        file = Path(library.path).stat() if library else None
    except (HpcpyError, OSError):
        return None
    if library is None or file is None:
        return None
    own = scrub(environ)
    folder = str(Path(library.path).parent)
    places = environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    return {
        "library": [library.text, library.path, file.st_size, file.st_mtime_ns],
        "driver": version,
        # Not which ones: nodes of one kind share a verdict, and so do the ranks of one job.
        "devices": sorted(set(devices)),
        "several devices": len(devices) > 1,
        "container": [environ[name] for name in CONTAINER if name in environ],
        "variables": {
            name: mask_value(name, own[name]) for name in sorted(own) if name.startswith(OF_MPI)
        },
        # Open MPI's mpirun puts the folder of its own library before the rest, more than once.
        "library path": [place for place in dict.fromkeys(places) if place not in ("", folder)],
        "code": _hash_code(),
    }


@functools.cache
def _hash_code() -> str:
    """Return what changes with the code of the proof."""
    own = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        own.update(path.read_bytes())
    return own.hexdigest()[:16]
