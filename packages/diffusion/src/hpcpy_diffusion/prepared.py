"""What the march through time needs, on a CPU as on a GPU."""

from dataclasses import dataclass

from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_diffusion.field_pair import FieldPair
from hpcpy_diffusion.halo import Exchange
from hpcpy_diffusion.plan import Plan

__all__ = ["Prepared"]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A rank's part of a run, before its start.

    Attributes
    ----------
    kernel
        Its name.
    cart
        The grid of ranks.
    plan
        What was chosen for all ranks.
    decomposition
        Of the field, with a boundary of width 1, in the order of the grid.
    pair, exchange
        The two fields, and how their halos get the neighbours' news.
    """

    kernel: str
    cart: MPI.Cartcomm
    plan: Plan
    decomposition: Decomposition
    pair: FieldPair
    exchange: Exchange
