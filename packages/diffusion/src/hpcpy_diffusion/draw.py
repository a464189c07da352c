"""Pictures of a field: one density, several in a row, an animation. Local: one rank draws."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hpcpy_core.figures import make_figure
from hpcpy_core.replacing import replacing
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.thin import find_stride

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

__all__ = ["draw_animation", "draw_densities"]

FRAMES_PER_SECOND = 8


def draw_densities(
    path: Path, parameters: Parameters, densities: Sequence[tuple[float, Path]]
) -> None:
    """Draw fields side by side, each on its own colour scale.

    Parameters
    ----------
    path
        Of the PNG file.
    parameters
        They give the axes.
    densities
        Time and .npy file of every field.

    Raises
    ------
    FileError
        If the picture cannot be written.
    """
    figure = make_figure(figsize=(4.6 * len(densities), 4.0), layout="constrained")
    row = figure.subplots(1, len(densities), squeeze=False)[0]
    for axes, (time, source) in zip(row, densities, strict=True):
        image = _draw(axes, parameters, _read(source), time)
        figure.colorbar(image, ax=axes, shrink=0.8)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def draw_animation(
    path: Path, parameters: Parameters, densities: Sequence[tuple[float, Path]]
) -> None:
    """Draw fields one after the other, on the colour scale of the first, as a GIF file.

    Parameters and errors are those of `draw_densities`.
    """
    figure = make_figure(figsize=(4.8, 4.2), layout="constrained")
    axes = figure.subplots()
    time, source = densities[0]
    image = _draw(axes, parameters, _read(source), time)
    figure.colorbar(image, ax=axes, shrink=0.8)
    from matplotlib.animation import PillowWriter  # not before `make_figure`

    writer = PillowWriter(fps=FRAMES_PER_SECOND)
    with replacing(path) as temporary:
        drawn = temporary.with_suffix(".gif")  # Pillow takes the format from the name
        try:
            with writer.saving(figure, str(drawn), dpi=90):
                for time, source in densities:
                    image.set_data(_read(source))
                    axes.set_title(f"t = {time:.3g}")
                    writer.grab_frame()
            drawn.replace(temporary)
        finally:
            drawn.unlink(missing_ok=True)


def _draw(axes: "Axes", parameters: Parameters, density: Field, time: float) -> "AxesImage":
    x1, x2 = parameters.x1 - parameters.spacing, parameters.x2
    axes.set(title=f"t = {time:.3g}", xlabel="x", ylabel="y")
    return axes.imshow(
        density, extent=(x1, x2, x1, x2), origin="lower", cmap="inferno", interpolation="nearest"
    )


def _read(source: Path) -> Field:
    """Return every k-th point of a field, without reading the rest into memory."""
    field: Field = np.load(source, mmap_mode="r", allow_pickle=False)
    stride = find_stride(field.shape)
    return np.asarray(field[::stride, ::stride])
