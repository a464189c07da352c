"""The rungs of the ladder: kernels, each with a number of threads. Starts no MPI."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hpcpy_diffusion.kernels import KERNELS, Kernel

__all__ = ["Rung", "list_missing", "list_rungs"]


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A kernel on so many threads in each process: one line of the ladder."""

    kernel: Kernel
    threads: int = 1

    @property
    def name(self) -> str:
        """The kernel's name, with the number of threads where that is not 1."""
        return self.kernel.name if self.threads == 1 else f"{self.kernel.name} x{self.threads}"


def list_rungs(names: Iterable[str] | None, threads: Sequence[int]) -> list[Rung]:
    """Return the rungs of those kernels that are installed, slowest first. Local.

    Parameters
    ----------
    names
        Of kernels; None is all of them.
    threads
        Each is a rung of its own, of the kernels that have threads; others have one rung.
    """
    chosen = [
        kernel
        for name, kernel in KERNELS.items()
        if kernel.installed and (names is None or name in names)
    ]
    return [
        Rung(kernel=kernel, threads=number)
        for kernel in chosen
        for number in (threads if kernel.threads else (1,))
    ]


def list_missing() -> dict[str, str]:
    """Return what each kernel lacks that is not installed, and what brings that. Local."""
    return {
        kernel.name: f"{kernel.missing}; {kernel.install}"
        for kernel in KERNELS.values()
        if kernel.missing is not None
    }
