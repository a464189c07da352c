"""The packages that an extra of hpcpy-mpiio brings, imported at their first use."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from hpcpy_core.errors import InputError

__all__ = ["import_parallel_h5py", "import_zarr"]

MPI_HDF5 = (
    "take your site's, or build it with HDF5_MPI=ON CC=mpicc pip install --no-binary=h5py h5py "
    "against a parallel HDF5 (Debian: libhdf5-mpi-dev), with the MPI that mpi4py uses"
)


def import_zarr() -> ModuleType:
    """Import zarr. Local.

    Raises
    ------
    InputError
        If it is not installed.
    """
    if find_spec("zarr") is None:
        raise InputError("zarr is not installed: pip install --upgrade zarr")
    return import_module("zarr")


def import_parallel_h5py() -> ModuleType:
    """Import h5py, which must be built with MPI. Local.

    Raises
    ------
    InputError
        If it is not installed, or is built without MPI as all wheels are.
    """
    if find_spec("h5py") is None:
        raise InputError(f"h5py is not installed, and the one of pip has no MPI: {MPI_HDF5}")
    h5py = import_module("h5py")
    if not h5py.get_config().mpi:
        raise InputError(
            f"h5py {h5py.__version__} is built without MPI, as pip's wheels are: {MPI_HDF5}"
        )
    return h5py
