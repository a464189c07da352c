"""Parallel .npy files: block-decomposed arrays that any reader opens."""

from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpcpy_mpiio.load_npy import load
    from hpcpy_mpiio.open_npy import open_field
    from hpcpy_mpiio.save_npy import save
    from hpcpy_mpiio.statistics import Statistics
else:
    from hpcpy_core.lazy import lazy_attributes

    # ``hpcpy-mpiio info`` runs where no MPI is.
    __getattr__ = lazy_attributes(
        __name__,
        {
            "Statistics": "statistics",
            "load": "load_npy",
            "open_field": "open_npy",
            "save": "save_npy",
        },
    )

__version__ = version("hpcpy-mpiio")
__all__ = ["Statistics", "__version__", "load", "open_field", "save"]
