"""Checksums of a field's file, computed by all ranks together from what they read back."""

from pathlib import Path

from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import split_evenly
from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.checkpoints.metadata import FieldRecord, describe_dtype
from hpcpy_mpiio.checkpoints.slab_checksums import Slabs, checksum_slabs
from hpcpy_mpiio.header import Header, check_size, read_header

__all__ = ["check_field", "checksum_field", "verify_field"]


def checksum_field(path: Path, comm: MPI.Intracomm) -> FieldRecord:
    """Describe the file of a field that was just written. Collective over comm.

    Every rank reads a share of the slabs which it did not write, where the array is
    divided by rows: what is checked is what another process finds in the file.

    Raises
    ------
    FileError
        The same on every rank, if any could not read the file.
    """
    header = _share_header(path, comm)
    slabs = Slabs.divide(header)
    return FieldRecord(
        shape=header.shape,
        dtype=describe_dtype(header.dtype),
        rows_per_slab=slabs.rows_per_slab,
        checksums=tuple(_checksum_all(path, header, slabs, comm)),
    )


def verify_field(path: Path, record: FieldRecord, comm: MPI.Intracomm) -> None:
    """Compare a file with what is known of it. Collective over comm.

    Raises
    ------
    FileError
        The same on every rank: the file is missing, is no .npy file, holds another
        array, or differs in a slab, which is named.
    """
    header = check_field(path, record, comm)
    slabs = Slabs.divide(header, record.rows_per_slab)
    checksums = _checksum_all(path, header, slabs, comm)
    bad = [i for i in range(slabs.count) if checksums[i] != record.checksums[i]]
    with agreed(comm):
        if bad:
            more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
            raise FileError(
                f"{path.name} is damaged in {slabs.name(bad[0])}{more}: its checksum is wrong"
            )


def check_field(path: Path, record: FieldRecord, comm: MPI.Intracomm) -> Header:
    """Compare the header and the size of a file with what is known of it. Collective over comm.

    Raises
    ------
    FileError
        The same on every rank: the file is missing, is no .npy file, or holds another
        array.
    """
    header = _share_header(path, comm)
    if (header.shape, describe_dtype(header.dtype)) != (record.shape, record.dtype):
        found = f"shape {header.shape} and dtype {header.dtype}"
        with agreed(comm):
            raise FileError(
                f"{path.name} holds an array of {found}, the metadata says {record.shape} "
                f"and {record.dtype}"
            )
    return header


def _share_header(path: Path, comm: MPI.Intracomm) -> Header:
    """Let rank 0 read the header of a file that is whole and in C order."""
    header: Header | None = None
    with on_root(comm) as is_root:
        if is_root:
            try:
                header = read_header(path)
            except InputError as error:
                raise FileError(str(error)) from error  # nobody gave this path
            check_size(path, header)
            if header.fortran_order:
                raise FileError(f"{path} is in Fortran order, which no checkpoint is")
    shared: Header = comm.bcast(header, root=0)
    return shared


def _checksum_all(path: Path, header: Header, slabs: Slabs, comm: MPI.Intracomm) -> list[str]:
    """Return the checksum of every slab, on every rank."""
    start, stop = split_evenly(slabs.count, comm.size, (comm.rank + 1) % comm.size)
    with agreed(comm):
        part = checksum_slabs(path, header.offset, slabs, range(start, stop))
    parts = comm.allgather(part)
    return [checksum for part in (*parts[-1:], *parts[:-1]) for checksum in part]
