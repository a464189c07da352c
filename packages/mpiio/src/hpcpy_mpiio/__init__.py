"""Parallel .npy files: block-decomposed arrays that any reader opens."""

from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpcpy_mpiio.checkpoints.checkpoint import Checkpoint
    from hpcpy_mpiio.load_npy import load
    from hpcpy_mpiio.open_npy import open_field
    from hpcpy_mpiio.save_npy import save
    from hpcpy_mpiio.sidecar.write_xdmf import write_xdmf
    from hpcpy_mpiio.statistics import Statistics
    from hpcpy_mpiio.stores.load_hdf5 import load_hdf5
    from hpcpy_mpiio.stores.load_zarr import load_zarr
    from hpcpy_mpiio.stores.save_hdf5 import save_hdf5
    from hpcpy_mpiio.stores.save_zarr import save_zarr
else:
    from hpcpy_core.lazy import lazy_attributes

    # ``hpcpy-mpiio info`` runs where no MPI is.
    __getattr__ = lazy_attributes(
        __name__,
        {
            "Checkpoint": "checkpoints.checkpoint",
            "Statistics": "statistics",
            "load": "load_npy",
            "load_hdf5": "stores.load_hdf5",
            "load_zarr": "stores.load_zarr",
            "open_field": "open_npy",
            "save": "save_npy",
            "save_hdf5": "stores.save_hdf5",
            "save_zarr": "stores.save_zarr",
            "write_xdmf": "sidecar.write_xdmf",
        },
    )

__version__ = version("hpcpy-mpiio")
__all__ = [
    "Checkpoint",
    "Statistics",
    "__version__",
    "load",
    "load_hdf5",
    "load_zarr",
    "open_field",
    "save",
    "save_hdf5",
    "save_zarr",
    "write_xdmf",
]
