"""Figures for files, whatever backend the environment asks for. Starts no MPI.

Jupyter puts its own backend into MPLBACKEND, which jobs inherit: it is made for cells of a
notebook, is often not installed where jobs run, and may refuse to be loaded at all.
"""

import os
import sys
from typing import TYPE_CHECKING, Any

from hpcpy_core.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["make_figure", "require_matplotlib"]


def require_matplotlib(distribution: str) -> None:
    """See that matplotlib can be imported, before the work for a picture. Local.

    MPLBACKEND is set to ``agg`` before: matplotlib reads it while it is imported.

    Parameters
    ----------
    distribution
        Whose extra ``plot`` brings it.

    Raises
    ------
    InputError
        If it is missing or broken.
    """
    if "matplotlib" not in sys.modules:
        os.environ["MPLBACKEND"] = "agg"
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise InputError(
            f"pictures need matplotlib, which cannot be imported ({error}): pip install "
            f"'{distribution}[plot]'"
        ) from error


def make_figure(**options: Any) -> "Figure":  # noqa: ANN401 - matplotlib's options
    """Return a figure that draws with Agg. Local.

    Parameters
    ----------
    options
        As matplotlib's Figure has them.
    """
    if "matplotlib" not in sys.modules:
        os.environ["MPLBACKEND"] = "agg"
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(**options)
    FigureCanvasAgg(figure)
    return figure
