"""The table in docs/mpiio/arrays.md holds, row by row."""

from pathlib import Path

import numpy as np
import pytest

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import HpcpyError
from hpcpy_mpiio.checkpoints.checkpoint import Checkpoint
from hpcpy_mpiio.load_npy import load
from hpcpy_mpiio.save_npy import save
from hpcpy_mpiio.stores.load_zarr import load_zarr
from hpcpy_mpiio.stores.save_zarr import save_zarr
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

PAGE = Path(__file__).parents[4] / "docs" / "mpiio" / "arrays.md"
BASE = np.arange(24.0).reshape(4, 6)


def read_only(folder):
    array = BASE.copy()
    array.flags.writeable = False
    return array


def memmap(folder):
    array = np.memmap(folder / "mapped", np.float64, "w+", shape=(4, 6))
    array[...] = BASE
    return array


# Of 4 x 6 items on one rank, since each row is a block of its own.
BLOCKS = {
    "masked": lambda folder: np.ma.masked_greater(BASE, 3),
    "Fortran-ordered": lambda folder: np.asfortranarray(BASE),
    "strided, reversed": lambda folder: np.arange(96.0).reshape(8, 12)[::-2, ::2],
    "read-only": read_only,
    "big-endian": lambda folder: BASE.astype(">f8"),
    "without items": lambda folder: np.zeros((0, 6)),
    "without axes": lambda folder: np.array(2.5),
    "structured": lambda folder: np.array([(1, 2.5), (3, 4.5)], [("a", "i4"), ("b", "f8")]),
    "`numpy.memmap`": memmap,
    "`numpy.matrix`": lambda folder: np.asmatrix(BASE),
    "bool": lambda folder: BASE > 3,
    "complex": lambda folder: BASE + 1j,
    "datetime": lambda folder: BASE.astype("M8[s]"),
    "texts of fixed length": lambda folder: BASE.astype("U4"),
    "Python objects": lambda folder: BASE.astype(object),
    "a list": lambda folder: BASE.tolist(),
    "NaN": lambda folder: np.full((4, 6), np.nan),
}


def with_save(folder, block, decomposition, comm):
    save(folder / "u.npy", block, decomposition, comm)
    return load(folder / "u.npy", decomposition, comm)


def with_checkpoint(folder, block, decomposition, comm, *, finite=True):
    checkpoint = Checkpoint(folder / "c", comm, finite=finite)
    checkpoint.write(1, 0.1, {"u": block}, decomposition)
    return checkpoint.restore({"u": block.dtype}, decomposition).fields["u"]


def with_zarr(folder, block, decomposition, comm):
    save_zarr(folder / "u.zarr", block, decomposition, comm)
    return load_zarr(folder / "u.zarr", decomposition, comm)


CALLS = {"`save`": with_save, "`Checkpoint.write`": with_checkpoint, "`save_zarr`": with_zarr}


def read_table():
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return rows[0][1:], {row[0]: row[1:] for row in rows[1:]}


def test_every_row_and_every_call_is_tried(comm):
    calls, rows = read_table()
    parallel_assert(comm, calls == [*CALLS], f"{calls}")
    parallel_assert(comm, [*rows] == [*BLOCKS], f"{[*rows]}")


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("kind", BLOCKS)
def test_the_table_is_right(comm, folder, kind):
    calls, rows = read_table()
    own = folder / f"of-rank-{comm.rank}"
    own.mkdir()
    whole = BLOCKS[kind](own)
    shape, dtype = np.shape(whole), getattr(whole, "dtype", None)
    if not shape and comm.size > 1:
        return  # one item is one rank's
    decomposition = Decomposition(
        shape=shape, dims=(comm.size, *(1 for _ in shape[1:]))[: len(shape)]
    )
    owned = decomposition.owned(comm.rank)
    if isinstance(whole, list):
        block = whole[owned.start[0] : owned.stop[0]]
    else:
        block = whole[tuple(map(slice, owned.start, owned.stop))] if shape else whole
    for call, claim in zip(calls, rows[kind], strict=True):
        if claim.startswith("refused"):
            with parallel_raises(comm, HpcpyError, "."):
                CALLS[call](folder, block, decomposition, comm)
            if "finite=False" not in claim:
                continue
            found = with_checkpoint(folder, block, decomposition, comm, finite=False)
        else:
            found = CALLS[call](folder, block, decomposition, comm)
        plain = np.asarray(block)
        swapped = "native" in claim
        same = found.tobytes() == (plain.astype("=f8") if swapped else plain).tobytes()
        parallel_assert(comm, same, f"{call} of {kind}: another block")
        wanted = dtype.newbyteorder("=") if swapped else dtype
        parallel_assert(comm, found.dtype == wanted, f"{call} of {kind}: {found.dtype}")
