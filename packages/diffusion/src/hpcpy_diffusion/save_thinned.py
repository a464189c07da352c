"""Write every k-th row and column of a field: gathered on one rank, since it is small."""

from pathlib import Path

from mpi4py import MPI
from numpy.lib import format as npy

from hpcpy_core.agreement import on_root
from hpcpy_core.decomposition import Block
from hpcpy_core.replacing import replacing
from hpcpy_diffusion.finite import require_finite
from hpcpy_diffusion.gather import gather_blocks
from hpcpy_diffusion.result import Frame
from hpcpy_diffusion.thin import thin_block, thin_slices

__all__ = ["save_thinned"]


def save_thinned(path: Path, frame: Frame, stride: int, comm: MPI.Intracomm) -> None:
    """Write a thinned frame as a .npy file, whole or not at all. Collective over comm.

    Parameters
    ----------
    path
        Of the file, which is replaced. Rank 0's counts.
    frame
        Of it only the points that are kept are brought to the host.
    stride
        Of the rows and columns that are kept, the same on every rank.

    Raises
    ------
    FileError
        On every rank, if it cannot be written.
    NotFiniteError
        On every rank, if what is kept of the field is not finite.
    """
    owned = [frame.decomposition.owned(rank) for rank in range(comm.size)]
    part = frame.part(thin_slices(owned[comm.rank], stride))
    require_finite(part, frame.step, comm)
    shape = frame.decomposition.shape
    whole = thin_block(Block(start=(0,) * len(shape), stop=shape), stride)
    places = [thin_block(block, stride) for block in owned]
    field = gather_blocks(part, places, whole.shape, comm)
    with on_root(comm):
        if field is not None:
            with replacing(path) as temporary, temporary.open("wb") as file:
                npy.write_array(file, field, allow_pickle=False)
