"""Who reduces which items: the lowest rank on each GPU, an equal part of all.

rank    0 1 2 3
GPU     a a b b     rank 0 reduces the first half of everybody's items, rank 2 the second
"""

from hpcpy_core.decomposition import split_evenly
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.on_device_reduce import PACK

__all__ = ["find_part"]


def find_part(case: Case, gpus: list[str]) -> slice:
    """Return the items that this rank reduces for all: none, unless it leads its GPU. Local.

    Parameters
    ----------
    case
        What is to be reduced.
    gpus
        What tells the GPUs of the ranks from each other, in the order of ranks.
    """
    leads = gpus.index(gpus[case.comm.rank]) == case.comm.rank
    leaders = list(dict.fromkeys(gpus))
    unit = max(1, PACK // case.dtype.itemsize)  # so that every part is aligned
    units = -(-case.count // unit) if leads else 0
    start, stop = split_evenly(units, len(leaders), leaders.index(gpus[case.comm.rank]))
    return slice(start * unit, min(stop * unit, case.count))
