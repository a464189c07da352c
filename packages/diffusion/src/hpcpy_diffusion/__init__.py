"""2-D diffusion on MPI: a ladder of kernels, halo exchange, pictures."""

from importlib.metadata import version
from typing import TYPE_CHECKING

from hpcpy_diffusion.parameters import Parameters

if TYPE_CHECKING:
    from hpcpy_diffusion.result import Frame, Result
    from hpcpy_diffusion.solver import run
else:
    from hpcpy_core.lazy import lazy_attributes

    # ``--help`` must not start MPI, which importing the solver does.
    __getattr__ = lazy_attributes(
        __name__, {"Frame": "result", "Result": "result", "run": "solver"}
    )

__version__ = version("hpcpy-diffusion")
__all__ = ["Frame", "Parameters", "Result", "__version__", "run"]
