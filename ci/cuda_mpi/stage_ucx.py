"""Take what Open MPI needs of the wheels that pip installed: UCX, and the header of CUDA."""

import re
import shutil
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from hpcpy_core.errors import InputError

__all__ = ["bring_ucx", "describe_wheels", "find_header", "list_parts", "stage_ucx"]

UCX = "libucx-cu13"
CUDA = "nvidia-cuda-runtime"
LIBRARIES = ("libucm.so.0", "libucp.so.0", "libucs.so.0", "libuct.so.0")
MODULES = ("libucm_cuda.so.0", "libuct_cma.so.0", "libuct_cuda.so.0")
"""What UCX loads by itself: it looks in the folder ucx beside its libraries."""


def describe_wheels() -> list[str]:
    """Return the wheels that are used, with their versions. Local."""
    return [f"{name} {find(name).version}" for name in (UCX, CUDA)]


def list_parts() -> list[dict[str, str | None]]:
    """Return the wheels whose files come into the MPI: names, versions, licences. Local."""
    wheels = (find(name) for name in (UCX, CUDA))
    return [
        {
            "name": wheel.name,
            "version": wheel.version,
            "licence": wheel.metadata["License-Expression"],
        }
        for wheel in wheels
    ]


def find_header() -> Path:
    """Return the path of cuda.h. Local.

    Raises
    ------
    InputError
        Its wheel is not installed.
    """
    return locate(find(CUDA), r"/include/cuda\.h$")


def stage_ucx(folder: Path) -> None:
    """Put UCX into `folder` as a compiler wants it: include and lib. Local.

    The wheel's own files for pkg-config and libtool name folders of the machine that built it,
    so they stay behind, and configure finds the rest.
    """
    root = locate(find(UCX), r"^libucx/include/ucp/api/ucp\.h$").parents[3]
    shutil.copytree(root / "include", folder / "include")
    (folder / "lib").mkdir()
    for name in LIBRARIES:
        shutil.copy(root / "lib" / name, folder / "lib")
        (folder / "lib" / name.removesuffix(".0")).symlink_to(name)


def bring_ucx(prefix: Path) -> None:
    """Copy the libraries of UCX, what they load, and the licences into an installed MPI. Local."""
    wheel = find(UCX)
    library = locate(wheel, r"^libucx/lib/libucp\.so\.0$").parent
    modules = prefix / "lib" / "ucx"
    modules.mkdir()
    for name in LIBRARIES:
        shutil.copy(library / name, prefix / "lib")
    for name in MODULES:
        shutil.copy(library / "ucx" / name, modules)
    # The module ucm_cuda is linked to this one of NVIDIA's, under the name that its wheel gave it.
    shutil.copy(locate(wheel, r"/libcudart-[^/]*$"), modules)
    licences = prefix / "share" / "licences"
    licences.mkdir(parents=True)
    shutil.copy(locate(wheel, r"/LICENSE$"), licences / "ucx")
    shutil.copy(locate(find(CUDA), r"/License\.txt$"), licences / "libcudart")


def find(name: str) -> Distribution:
    """Return an installed distribution."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise InputError(
            f"{name} is not installed: say `nox -s cuda_mpi`, or "
            "`pip install --require-hashes -r requirements/cuda-mpi.txt`"
        ) from None


def locate(wheel: Distribution, pattern: str) -> Path:
    """Return the one file of a distribution whose path matches."""
    for file in wheel.files or ():
        if re.search(pattern, str(file)):
            return Path(str(file.locate()))
    raise InputError(
        f"{wheel.name} {wheel.version} holds no {pattern}: compile its lock for another version"
    )
