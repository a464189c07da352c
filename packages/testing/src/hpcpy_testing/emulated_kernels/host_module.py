"""CUDA kernels that a CPU runs, thread by thread."""

import ctypes
import threading
from collections.abc import Callable, Sequence
from functools import partial
from math import prod
from typing import Any

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_testing.emulated_kernels.arguments import pack_arguments
from hpcpy_testing.emulated_kernels.build import build_kernels, find_kernels

__all__ = ["HostKernel", "HostModule", "KernelError", "compile_on_host"]

MOST_THREADS = 1024
"""In a block, on every GPU."""
MOST = {"grid": (2**31 - 1, 65535, 65535), "block": (1024, 1024, 64)}
"""Blocks of a grid and threads of a block, in each direction."""
SHARED = 48 * 1024
"""Bytes of shared memory of a block that a kernel need not ask for."""

_one_at_a_time = threading.Lock()


class KernelError(HpcpyError):
    """A kernel does what it must not do on a GPU: what, and where in its source."""


class HostKernel:
    """A kernel, to be called as CuPy's are; the call returns when it is done. Local.

    Attributes
    ----------
    max_dynamic_shared_size_bytes
        The most that a launch may ask for; may be set, as CuPy's.
    """

    def __init__(self, library: ctypes.CDLL, name: str) -> None:
        self.name = name
        self.max_dynamic_shared_size_bytes = SHARED
        self._launch = getattr(library, f"{name}_launch")
        self._launch.restype = ctypes.c_char_p
        describe = getattr(library, f"{name}_parameters")
        describe.restype = ctypes.c_char_p
        self.parameters: list[str] = describe().decode().split()
        self.most_threads: int = min(getattr(library, f"{name}_threads")(), MOST_THREADS)

    def __call__(
        self,
        grid: Sequence[int],
        block: Sequence[int],
        args: Sequence[Any],
        *,
        shared_mem: int = 0,
        cooperative: bool = False,
        seed: int = 0,
    ) -> None:
        """Run it.

        Parameters
        ----------
        grid, block
            Of one to three numbers each.
        args
            Device arrays and NumPy's numbers; see `pack_arguments`.
        shared_mem
            Bytes of dynamic shared memory.
        cooperative
            Whether all blocks must be alive at once, so that they may wait for each other.
        seed
            Of the order in which threads and blocks run. What is right gives the same bits
            with each.

        Raises
        ------
        TypeError
            If the arguments are not what it takes.
        KernelError
            If it could not be launched on a GPU, or does what it must not do.
        """
        self.prepare(grid, block, args, shared_mem=shared_mem, cooperative=cooperative)(seed)

    def prepare(
        self,
        grid: Sequence[int],
        block: Sequence[int],
        args: Sequence[Any],
        *,
        shared_mem: int,
        cooperative: bool,
    ) -> Callable[[int], None]:
        """Check a launch, and return what runs it with a seed; see `HostKernel.__call__`."""
        blocks, threads = _fill("grid", grid), _fill("block", block)
        if prod(threads) > self.most_threads:
            raise KernelError(
                f"{self.name} is compiled for {self.most_threads} threads, not {prod(threads)}"
            )
        if shared_mem > self.max_dynamic_shared_size_bytes:
            raise KernelError(
                f"{self.name} may have {self.max_dynamic_shared_size_bytes} B of shared memory, "
                f"not {shared_mem}: set its max_dynamic_shared_size_bytes first"
            )
        values, kept = pack_arguments(self.name, self.parameters, args)
        sizes = (blocks, threads, ctypes.c_ulong(shared_mem), cooperative)
        return partial(self._run, values, sizes, (kept, args))

    def _run(self, values: object, sizes: Sequence[object], kept: object, seed: int) -> None:
        """Run it; `kept` is what must live until then."""
        with _one_at_a_time:
            wrong = self._launch(values, *sizes, ctypes.c_ulong(seed))
        if wrong:
            raise KernelError(f"{self.name}: {wrong.decode()}")


class HostModule:
    """The kernels of one source, compiled for the host.

    Parameters
    ----------
    code, options
        See `hpcpy_testing.emulated_kernels.build.build_kernels`.
    """

    def __init__(self, code: str, options: Sequence[str] = ()) -> None:
        self._names = find_kernels(code)
        self._library = ctypes.CDLL(str(build_kernels(code, options)))

    def get_function(self, name: str) -> HostKernel:
        """Return a kernel. Local.

        Raises
        ------
        InputError
            If there is none of that name.
        """
        if name not in self._names:
            raise InputError(
                f'no extern "C" __global__ void {name} in this source, but: '
                f"{', '.join(self._names) or 'none'}"
            )
        return HostKernel(self._library, name)


def compile_on_host(code: str, options: Sequence[str] = ()) -> HostModule:
    """Return the kernels of a CUDA source, compiled for the host; see `HostModule`. Local."""
    return HostModule(code, options)


def _fill(what: str, sizes: Sequence[int]) -> Any:  # noqa: ANN401 - three numbers of ctypes
    most = MOST[what][: len(sizes)]
    if not 1 <= len(sizes) <= 3 or not all(1 <= n <= m for n, m in zip(sizes, most, strict=True)):
        raise KernelError(f"a {what} has one to three sizes from 1 to {MOST[what]}, not {sizes}")
    return (ctypes.c_uint * 3)(*[*sizes, 1, 1][:3])
