"""All algorithms by name, and which of them are possible for a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from hpcpy_core.errors import InputError

if TYPE_CHECKING:
    from hpcpy_gpu_allreduce.algorithm import Algorithm
    from hpcpy_gpu_allreduce.case import Case

__all__ = ["ALGORITHMS", "AUTO", "Entry", "check_name", "explain_refusal"]

AUTO = "auto"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Where an algorithm is, and what it does; importing this module starts no MPI.

    Attributes
    ----------
    name, home
        Of the algorithm, which its module has too, and of the class in that.
    summary
        What it does.
    home_on_gpu
        The class in the module ``NAME_on_gpu``, where another one is for device arrays.
    """

    name: str
    home: str
    summary: str
    home_on_gpu: str = ""

    def load(self, kind: str) -> "type[Algorithm]":
        """Import the algorithm's class for arrays of one kind of device. Local."""
        module, home = self.name, self.home
        if kind == "gpu" and self.home_on_gpu:
            module, home = f"{module}_on_gpu", self.home_on_gpu
        found: type[Algorithm] = getattr(import_module(f"hpcpy_gpu_allreduce.{module}"), home)
        return found


ALGORITHMS: Mapping[str, Entry] = MappingProxyType(
    {
        name: Entry(name=name, home=home, summary=summary, home_on_gpu="".join(more))
        for name, home, summary, *more in (
            ("host", "Host", "MPI's own, NumPy arrays"),
            ("staged", "Staged", "copy to the host, MPI's own, copy back"),
            ("pipelined", "Pipelined", "the same in chunks, copies behind messages"),
            ("direct", "Direct", "MPI's own, device memory as it is"),
            ("ring", "Ring", "round the ring: any ranks, fewest bytes, most steps"),
            ("recursive_doubling", "RecursiveDoubling", "whole arrays, fewest steps"),
            ("rabenseifner", "Rabenseifner", "halves and back: few steps, few bytes"),
            ("hierarchical", "Hierarchical", "in the nodes, then between", "HierarchicalOnGpu"),
            ("ipc", "Ipc", "one kernel on all ranks' device memory, one node"),
            ("nccl", "Nccl", "NVIDIA's library, one GPU a rank"),
        )
    }
)


def check_name(name: str) -> None:
    """Refuse a name that no algorithm has; ``auto`` is one. Local.

    Raises
    ------
    InputError
        Says which name was perhaps meant, and which there are.
    """
    if name in ALGORITHMS or name == AUTO:
        return
    close = get_close_matches(str(name), [*ALGORITHMS, AUTO], n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    raise InputError(
        f"there is no algorithm {name!r}: {guess}Choose from {AUTO}, {', '.join(ALGORITHMS)}"
    )


def explain_refusal(name: str, case: "Case") -> str | None:
    """Return why an algorithm is not possible, or None. Collective over case.comm.

    The reason of the lowest rank that has one is everybody's.
    """
    try:
        reason = ALGORITHMS[name].load(case.device.kind).refuse(case)
    except ImportError as error:
        reason = f"{error.name or error} is not installed"
    reasons: list[str | None] = case.comm.allgather(reason)
    return next(filter(None, reasons), None)
