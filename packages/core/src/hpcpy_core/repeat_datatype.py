"""Datatypes of more items than MPI can count.

MPI takes counts as C ints, displacements as wider integers. The calls with wide
counts (MPI-4) are in MPICH, but not in Open MPI 5.0. So more than 2**31 - 1 of
something are described as a few chunks, each with a count that fits.
"""

from mpi4py import MPI

__all__ = ["LARGEST_COUNT", "repeat_datatype"]

LARGEST_COUNT = 2**31 - 1


def repeat_datatype(datatype: MPI.Datatype, count: int, stride: int) -> MPI.Datatype:
    """Return `count` copies of a datatype at equal distances, however many. Local.

    Parameters
    ----------
    datatype
        Of any kind; it stays the caller's.
    count
        At least 1.
    stride
        Bytes from the start of one copy to that of the next.

    Returns
    -------
    MPI.Datatype
        Not committed; the caller frees it.
    """
    if count <= LARGEST_COUNT:
        return datatype.Create_hvector(count, 1, stride)
    chunks, rest = divmod(count, LARGEST_COUNT)
    chunk = repeat_datatype(datatype, LARGEST_COUNT, stride)
    parts = [repeat_datatype(chunk, chunks, LARGEST_COUNT * stride)]
    displacements = [0]
    if rest > 0:
        parts.append(repeat_datatype(datatype, rest, stride))
        displacements.append(chunks * LARGEST_COUNT * stride)
    whole = MPI.Datatype.Create_struct([1] * len(parts), displacements, parts)
    for part in (chunk, *parts):
        part.Free()
    return whole
