"""Save a block-decomposed array as one Zarr array, each chunk written by one rank."""

import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import InputError
from hpcpy_core.files.regular import read_bounded
from hpcpy_core.listing import name_some
from hpcpy_mpiio.check import check_block, check_decomposition, check_together
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.replaced import replaced
from hpcpy_mpiio.replacement import CURE, StrOrBytesPath, fsync
from hpcpy_mpiio.stores.chunk_grid import ChunkGrid, choose_chunks
from hpcpy_mpiio.stores.extras import import_zarr
from hpcpy_mpiio.stores.folder_replacement import FolderReplacement, start_folder_replacement
from hpcpy_mpiio.stores.redistribute import redistribute

__all__ = ["save_zarr"]

KIND = "Zarr array of format 3"
CHUNKS = re.compile(r"zarr\.json|c(\.\d+)*|\d+(\.\d+)*", re.ASCII)
LARGEST_METADATA = 1 << 24

LONGEST_ITEM = {"b": 1, "i": 8, "u": 8, "f": 8, "c": 16, "m": 8, "M": 8}
"""Bytes, by kind: what Zarr's third format specifies."""


def save_zarr(
    path: StrOrBytesPath,
    block: npt.NDArray[Any],
    decomposition: Decomposition,
    comm: MPI.Intracomm,
    *,
    overwrite: bool = False,
) -> None:
    """Write a block-decomposed array as one Zarr array, a folder. Collective over comm.

    Every chunk is written by one rank, as a whole. Chunks are of the size of the
    blocks; where the blocks are uneven, ranks first exchange the few rows that
    make their parts whole chunks. The folder appears whole under its name or not
    at all, and the chunks carry checksums, which readers check.

    Parameters
    ----------
    path
        Rank 0's counts. A symbolic link is followed.
    block
        This rank's owned part, shape ``decomposition.owned(comm.rank).shape``; any
        strides; the same dtype on every rank: bool, integer, real, complex or time.
        The values are kept, the byte order is not.
    decomposition
        Of the whole array, the same on every rank, for ``comm.size`` ranks.
    comm
        All of its ranks must call.
    overwrite
        Whether an existing Zarr array may be replaced, but no group, and none with other
        files in its folder. Rank 0's counts.

    Raises
    ------
    InputError
        The same on every rank, before anything is written: zarr is not installed;
        wrong shape, dtype or number of ranks on any of them; a path that exists; a
        folder above it that is missing or not writable.
    FileError
        The same on every rank, if a step failed on any. The temporary is removed
        and an old array is as it was.
    """

    def check() -> dict[str, object]:
        import_zarr()
        check_decomposition(decomposition, comm)
        check_block(block, decomposition, comm.rank)
        _check_dtype(block.dtype)
        return {"a decomposition": decomposition, "dtype": block.dtype}

    check_together(check, comm)
    zarr = import_zarr()
    grid = choose_chunks(decomposition, block.itemsize)

    def start() -> FolderReplacement:
        return start_folder_replacement(
            path, "zarr.json", KIND, overwrite=overwrite, refuse=_refuse_other
        )

    with replaced(start, comm) as replacement:
        target, temporary = replacement.target, replacement.temporary
        with on_root(comm) as is_root, failing(f"create {target}", CURE):
            if is_root:
                zarr.create_array(
                    store=str(temporary),
                    shape=decomposition.shape,
                    chunks=grid.chunk,
                    dtype=block.dtype.newbyteorder("="),
                    compressors=zarr.codecs.ZstdCodec(checksum=True),
                    zarr_format=3,
                )
        if not grid.regions_are_blocks:
            block = redistribute(block, decomposition.owned, grid.region, comm)
        with agreed(comm), failing(f"write {target}", CURE):
            if block.size > 0:
                _write_region(zarr, temporary, block, grid, comm.rank)
        with on_root(comm) as is_root, failing(f"bring {target} to disk", CURE):
            if is_root:
                fsync(temporary / "zarr.json")


def _refuse_other(folder: Path) -> None:
    """Refuse to replace a group, or an array with other files in its folder. Local."""
    try:
        metadata = json.loads(read_bounded(folder / "zarr.json", LARGEST_METADATA))
        is_array = (metadata["zarr_format"], metadata["node_type"]) == (3, "array")
    except (ValueError, LookupError, TypeError, RecursionError):
        is_array = False
    if not is_array:
        raise InputError(f"{folder} is not a {KIND}: it is never replaced; choose another name")
    others = sorted(path.name for path in folder.iterdir() if not CHUNKS.fullmatch(path.name))
    if others:
        raise InputError(
            f"{folder} holds {name_some(others)}, which is no part of a Zarr array and would be "
            "lost: move it, or choose another name"
        )


def _check_dtype(dtype: np.dtype[Any]) -> None:
    if dtype.itemsize > LONGEST_ITEM.get(dtype.kind, 0):
        raise InputError(
            f"dtype {dtype} has no portable form in Zarr: convert the block with "
            "block.astype(...) to numbers, or save it as .npy"
        )


def _write_region(
    zarr: Any,  # noqa: ANN401 - an optional package
    store: Path,
    region: npt.NDArray[Any],
    grid: ChunkGrid,
    rank: int,
) -> None:
    """Write this rank's chunks, down to the disk. Local."""
    place = grid.region(rank)
    # Chunks of zeros too: what is not there cannot be told from what was lost.
    with zarr.config.set({"array.write_empty_chunks": True}):
        array = zarr.open_array(str(store), mode="r+")
    array[tuple(map(slice, place.start, place.stop))] = np.asarray(region)
    counts = [-(-length // side) for length, side in zip(place.shape, grid.chunk, strict=True)]
    for index in product(*map(range, counts)):
        chunk = tuple(a + b for a, b in zip(grid.first_chunk(rank), index, strict=True))
        fsync(store / array.metadata.encode_chunk_key(chunk))
