"""Load a Zarr array, divided over the ranks of a communicator."""

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_core.errors import FileError, InputError
from hpcpy_core.files.kind import name_kind
from hpcpy_core.files.regular import read_bounded
from hpcpy_mpiio.check import check_decomposition, check_together
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.replacement import StrOrBytesPath, as_path
from hpcpy_mpiio.stores.extras import import_zarr

__all__ = ["load_zarr"]

LARGEST_METADATA = 1 << 24
CODECS = ("blosc", "bytes", "crc32c", "gzip", "sharding_indexed", "transpose", "zstd")
"""Those of Zarr's specification: none runs what it reads."""


def load_zarr(
    path: StrOrBytesPath, decomposition: Decomposition, comm: MPI.Intracomm
) -> npt.NDArray[Any]:
    """Read this rank's part of a Zarr array of format 3. Collective over comm.

    It may come from any writer, on any number of ranks. A chunk that is missing
    holds the array's fill value: so says the format.

    Parameters
    ----------
    path
        The array's folder. Rank 0's counts.
    decomposition
        Of an array of the stored shape, the same on every rank, for ``comm.size``
        ranks.
    comm
        All of its ranks must call.

    Returns
    -------
    ndarray
        Shape ``decomposition.owned(comm.rank).shape``, the stored dtype, C order.

    Raises
    ------
    InputError
        The same on every rank: zarr is not installed, there is no such folder,
        another shape, or another number of ranks on any of them.
    FileError
        The same on every rank: not a Zarr array of numbers, codecs that Zarr's
        specification does not know, a damaged chunk, or a step that failed on any rank.
    """

    def check() -> dict[str, object]:
        import_zarr()
        check_decomposition(decomposition, comm)
        return {"a decomposition": decomposition}

    check_together(check, comm)
    zarr = import_zarr()
    folder: Path | None = None
    with on_root(comm) as is_root:
        if is_root:
            folder = as_path(path).absolute()
            _check_codecs(folder)
            _check_fitting(_open(zarr, folder), folder, decomposition.shape)
    folder = comm.bcast(folder, root=0)
    place = decomposition.owned(comm.rank)
    with agreed(comm), _reading(folder):
        stored = _open(zarr, folder)
        block = np.empty(place.shape, stored.dtype)
        if block.size > 0:
            _refuse_special(stored, folder, place)
            block[...] = stored[tuple(map(slice, place.start, place.stop))]
    return block


def _open(zarr: Any, folder: Path) -> Any:  # noqa: ANN401 - an optional package
    with _reading(folder):
        return zarr.open_array(os.fspath(folder), mode="r", zarr_format=3)


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Turn what zarr raises on a damaged store into a `FileError`."""
    cure = "check that it is a whole Zarr array of format 3"
    with failing(f"read {folder}", cure):
        try:
            yield
        except (LookupError, TypeError, ValueError, RecursionError) as error:
            if isinstance(error, InputError):
                raise
            raise OSError(f"{type(error).__name__}: {error}") from error


def _check_codecs(folder: Path) -> None:
    """Refuse what is no array, or would be decoded by more than the specification's codecs."""
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise InputError(f"{folder} {what}: give the folder of a Zarr array")
    with _reading(folder):
        metadata = json.loads(read_bounded(folder / "zarr.json", LARGEST_METADATA))
        unknown = set(_codec_names(metadata["codecs"])) - set(CODECS)
    if unknown:
        raise FileError(
            f"{folder} has codec {min(unknown)}, which is not read here: copy it with zarr into "
            f"an array with codecs of {', '.join(CODECS)}"
        )


def _check_fitting(
    stored: Any,  # noqa: ANN401 - an optional package
    folder: Path,
    shape: tuple[int, ...],
) -> None:
    """Refuse what cannot be divided as asked, or is not of numbers."""
    if stored.dtype.kind not in "biufcmM":
        raise FileError(
            f"{folder} has items of {stored.dtype}, which are not read here: copy it with zarr "
            "into an array of numbers"
        )
    if stored.shape != shape:
        raise InputError(
            f"{folder} holds an array of shape {stored.shape}, but the decomposition is of "
            f"{shape}: make one with shape={stored.shape}"
        )


def _refuse_special(
    stored: Any,  # noqa: ANN401 - an optional package
    folder: Path,
    place: Block,
) -> None:
    """Refuse chunks of this rank that are no files: a FIFO would be waited for. Local."""
    sides = stored.shards or stored.chunks
    ranges = (
        range(start // side, -(-stop // side))
        for start, stop, side in zip(place.start, place.stop, sides, strict=True)
    )
    for chunk in product(*ranges):
        path = folder / stored.metadata.encode_chunk_key(chunk)
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            continue  # it holds the fill value
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, f"not a regular file ({name_kind(mode)})", str(path))


def _codec_names(codecs: Any) -> Iterator[str]:  # noqa: ANN401 - parsed JSON
    """Iterate over the names, those inside shards too."""
    for codec in codecs:
        yield codec["name"]
        configuration = codec.get("configuration", {})
        for inner in ("codecs", "index_codecs"):
            yield from _codec_names(configuration.get(inner, ()))
