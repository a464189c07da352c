"""Parameters from the command line of a command of one process. No MPI."""

from collections.abc import Iterable
from pathlib import Path

from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.read_parameters import parse_parameters, read_parameters

__all__ = ["load_parameters"]


def load_parameters(params: Path | None, overrides: Iterable[str]) -> Parameters:
    """Return the parameters of a file and of ``--set``. Local.

    Parameters
    ----------
    params
        The file: TOML where its name ends so, else in the course notes' format; None for
        the defaults.
    overrides
        Each ``name=value``, the later ones winning.

    Raises
    ------
    InputError
        For a file that cannot be read, an unknown name or a value that cannot work.
    """
    toml = params is not None and params.suffix == ".toml"
    return parse_parameters(
        read_parameters(params), source=str(params), toml=toml, overrides=overrides
    )
