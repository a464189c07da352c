"""A rung of the ladder, as the registry knows it before it is imported."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from hpcpy_core.errors import InputError
from hpcpy_core.files.numba_cache import numba_compiles
from hpcpy_core.find_compiler import describe_missing, find_compiler

if TYPE_CHECKING:
    from hpcpy_diffusion.kernels.gpu.sweep import MakeSweep

__all__ = ["Field", "Kernel", "KernelDevice", "Step"]

KernelDevice = Literal["cpu", "gpu"]

Field = npt.NDArray[np.floating[Any]]
Step = Callable[[Field, Field, float], None]


@dataclass(frozen=True, kw_only=True)
class Kernel:
    """A rung of the ladder: where it is, what it needs beyond NumPy, and what it can do.

    Attributes
    ----------
    name
        What the command line calls it.
    module
        Its module here, which has `step`; with `threads` also ``with_threads(threads)``,
        which returns such a step; with `compiler` also ``build()``, which compiles it. One
        for a GPU has `make_sweep` instead.
    device
        Where it computes.
    needs
        A package that must be installed.
    compiler
        The language whose compiler must be there, to build it at its first use.
    install
        What brings that.
    threads
        Whether it can use several threads in a process.
    whole
        Whether its arrays must be C-contiguous.
    tiles
        Whether it is made for many steps at once, in a layout of its own.
    yardstick
        Whether it is there to compare with: ``auto`` never takes it.
    """

    name: str
    module: str
    device: KernelDevice = "cpu"
    needs: str | None = None
    compiler: str | None = None
    install: str | None = None
    threads: bool = False
    whole: bool = False
    tiles: bool = False
    yardstick: bool = False

    @property
    def missing(self) -> str | None:
        """What it needs and is not there; None if nothing is missing."""
        if self.needs is not None and find_spec(self.needs) is None:
            return self.needs
        if self.compiler is not None and find_compiler(self.compiler) is None:
            return describe_missing(self.compiler)
        return None

    @property
    def installed(self) -> bool:
        """Whether all that it needs is there."""
        return self.missing is None

    @property
    def works(self) -> bool:
        """Whether what it needs is there, and Numba, if it needs that, compiles."""
        return self.installed and (self.needs != "numba" or numba_compiles())

    def load(self, threads: int = 1) -> Step:
        """Import the kernel. Local.

        One with a `compiler` is built here, if it is not in the user's cache; the others
        may compile at their first call.

        Parameters
        ----------
        threads
            How many of them a step uses in this process.

        Raises
        ------
        InputError
            If it cannot use so many threads, or what it needs does not work.
        HpcpyError
            If it cannot be built.
        """
        if threads < 1:
            raise InputError(f"{threads} threads cannot work: give 1 or more")
        if threads > 1 and not self.threads:
            from hpcpy_diffusion.kernels import KERNELS  # which are of this class

            able = ", ".join(kernel.name for kernel in KERNELS.values() if kernel.threads)
            raise InputError(
                f"kernel {self.name} has no threads: choose one of {able}, or start more ranks"
            )
        module = self._import()
        if self.tiles and not numba_compiles():
            raise InputError(
                f"kernel {self.name} needs Numba's compiler, which NUMBA_DISABLE_JIT turns off: "
                "unset it, or choose another kernel"
            )
        if self.compiler is not None:
            module.build()  # not at the first step: here all ranks agree on what goes wrong
        step: Step = module.with_threads(threads) if self.threads else module.step
        return step

    def load_sweep(self) -> "MakeSweep":
        """Import a kernel for a GPU: what makes its sweep. Local; raises as `load` does."""
        make: MakeSweep = self._import().make_sweep
        return make

    def _import(self) -> ModuleType:
        try:
            return import_module(f"{__package__}.{self.module}")
        except ImportError as error:
            raise InputError(
                f"kernel {self.name} cannot import {self.needs}: {error}; {self.install}"
            ) from error
