"""Draw which rank owns which bytes of the file, for each layout of the teaching matrix.

It asks MPI: with each rank's own file view as the type of receiving, one process puts every
rank's number where that rank would write. Run it without mpiexec; the pictures are
written to the current directory.
"""

import sys

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from mpi4py import MPI

from hpcpy_core.datatypes import committed
from hpcpy_mpiio.examples.teaching_matrix import LAYOUTS, SIDE, find_owners

RANKS = 4
ITEM_BYTES = 8
COLOURS = ListedColormap(["#8ecae6", "#ffb703", "#90be6d", "#e5989b"])


def ask_mpi(layout: str, dims: list[int]) -> npt.NDArray[np.int64]:
    """Return the owner of each item of the array, from the datatypes of all ranks."""
    owners = np.full([SIDE * ranks for ranks in dims], -1)
    for rank in range(RANKS):
        displacement, filetype = LAYOUTS[layout](MPI.INT64_T, rank, dims)
        with committed(filetype):
            place = [owners.reshape(-1)[displacement:], 1, filetype]
            numbers = np.full(SIDE**2, rank)
            MPI.COMM_SELF.Sendrecv(numbers, dest=0, recvbuf=place, source=0)
    return owners


def draw(layout: str, owners: npt.NDArray[np.int64]) -> Figure:
    """Draw the array as it is in the program, and below it the file from its first byte on."""
    rows, columns = owners.shape
    figure = Figure(figsize=(9, 4.4), layout="constrained")
    array, file = figure.subplots(2, 1, height_ratios=[4, 1.1])
    array.pcolormesh(owners, cmap=COLOURS, edgecolors="white", linewidth=1)
    for (row, column), rank in np.ndenumerate(owners):
        array.text(column + 0.5, row + 0.5, str(rank), ha="center", va="center", fontsize=9)
    array.set(title=f"{layout}: the array, {rows} x {columns} items", aspect="equal")
    array.set(xlabel="column", ylabel="row")
    array.set_xticks(np.arange(columns) + 0.5, range(columns))
    array.set_yticks(np.arange(rows) + 0.5, range(rows))
    array.invert_yaxis()
    strip = owners.reshape(1, -1)
    file.pcolormesh(strip, cmap=COLOURS, edgecolors="white", linewidth=0.5)
    for place, rank in enumerate(strip[0]):
        file.text(place + 0.5, 0.5, str(rank), ha="center", va="center", fontsize=6)
    starts = range(0, strip.size + 1, columns)
    file.set(title="the file, row after row", xlabel="byte", yticks=[])
    file.set_xticks(starts, [place * ITEM_BYTES for place in starts])
    for axes in (array, file):
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    return figure


def main() -> int:
    """Draw all layouts, and refuse a picture that the formula contradicts."""
    mpl.use("Agg")
    dims = MPI.Compute_dims(RANKS, 2)
    for layout in LAYOUTS:
        owners = ask_mpi(layout, dims)
        if not np.array_equal(owners, find_owners(layout, dims)):
            sys.exit(f"{layout}: MPI's datatypes and the formula disagree:\n{owners}")
        draw(layout, owners).savefig(f"layout-{layout}.png", dpi=110)
    return 0


if __name__ == "__main__":
    sys.exit(main())
