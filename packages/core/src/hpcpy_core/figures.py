"""Figures for files, whatever backend the environment asks for. Starts no MPI.

Jupyter puts its own backend into MPLBACKEND, which jobs inherit: it is made for cells of a
notebook, and matplotlib cannot even be imported where it does not know that backend. So
whatever draws takes its figures from here, and imports matplotlib only after that.
"""

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hpcpy_core.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["make_figure", "require_matplotlib"]


def make_figure(**options: Any) -> "Figure":  # noqa: ANN401 - matplotlib's options
    """Return a figure that draws with Agg. Local.

    Parameters
    ----------
    options
        As matplotlib's Figure has them.
    """
    _import_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(**options)
    FigureCanvasAgg(figure)
    return figure


def require_matplotlib() -> None:
    """See that matplotlib can be imported, before the work for a picture. Local.

    Raises
    ------
    InputError
        If it is missing or broken.
    """
    try:
        make_figure()
    except ImportError as error:
        raise InputError(
            f"a picture needs matplotlib, which cannot be imported ({error}): pip install "
            "matplotlib, or leave --plot out"
        ) from error


def _import_matplotlib() -> None:
    if "matplotlib" in sys.modules:
        return
    asked = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib as mpl
    finally:
        if asked is not None:
            os.environ["MPLBACKEND"] = asked
    if asked:
        with suppress(ValueError):  # a backend that matplotlib does not know
            mpl.rcParams["backend"] = asked
