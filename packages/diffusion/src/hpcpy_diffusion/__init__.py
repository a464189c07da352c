"""2-D diffusion on MPI: a ladder of kernels, halo exchange, pictures."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from hpcpy_diffusion.parameters import Parameters

if TYPE_CHECKING:
    from hpcpy_diffusion.result import Frame, Result
    from hpcpy_diffusion.solver import run

__version__ = version("hpcpy-diffusion")
__all__ = ["Frame", "Parameters", "Result", "__version__", "run"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute of any type
    """Import what needs MPI at its first use only, so that ``--help`` does not start it."""
    from importlib import import_module

    homes = {"Frame": "result", "Result": "result", "run": "solver"}
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{homes[name]}"), name)
