"""RawModule: kernels that a CPU runs, in the current stream."""

from collections.abc import Sequence
from typing import Any

from hpcpy_core.errors import HpcpyError
from hpcpy_testing.emulated_cupy.current_stream import current_stream
from hpcpy_testing.emulated_cupy.device import ATTRIBUTES, check_cooperative
from hpcpy_testing.emulated_cupy.guarded import check_guards
from hpcpy_testing.emulated_kernels.host_module import HostKernel, KernelError, compile_on_host

__all__ = ["CompileException", "RawKernel", "RawModule"]


class CompileException(Exception):  # noqa: N818 - CuPy's name
    """What CuPy raises where the compiler refuses a source."""

    def __init__(
        self, msg: str, source: str, name: str, options: Sequence[str], backend: str = "nvrtc"
    ) -> None:
        super().__init__(msg)
        self.source, self.name, self.options, self.backend = source, name, options, backend

    def get_message(self) -> str:
        """Return what the compiler says."""
        return str(self)


class RawModule:
    """CUDA C++ that is compiled when its first kernel is asked for. See CuPy's."""

    def __init__(
        self,
        *,
        code: str,
        options: Sequence[str] = (),
        enable_cooperative_groups: bool = False,
    ) -> None:
        self.code = code
        self.options = tuple(options)
        self.cooperative = enable_cooperative_groups

    def get_function(self, name: str) -> "RawKernel":
        """Return a kernel of it."""
        try:
            kernel = compile_on_host(self.code, self.options).get_function(name)
        except HpcpyError as error:
            raise CompileException(str(error), self.code, "kernels.cu", self.options) from error
        return RawKernel(kernel, self.cooperative)


class RawKernel:
    """A kernel whose launch is work in the current stream: see `HostKernel`."""

    launches = 0
    """Of all kernels: each launch runs its threads in another order."""

    def __init__(self, kernel: HostKernel, cooperative: bool) -> None:
        self._kernel = kernel
        self._cooperative = cooperative
        self.name = kernel.name

    @property
    def max_dynamic_shared_size_bytes(self) -> int:
        """The most that a launch may ask for."""
        return self._kernel.max_dynamic_shared_size_bytes

    @max_dynamic_shared_size_bytes.setter
    def max_dynamic_shared_size_bytes(self, nbytes: int) -> None:
        most = ATTRIBUTES["MaxSharedMemoryPerBlockOptin"]
        if nbytes > most:
            raise KernelError(f"CUDA_ERROR_INVALID_VALUE: {nbytes} B of a block's {most} B")
        self._kernel.max_dynamic_shared_size_bytes = nbytes

    def __call__(
        self,
        grid: Sequence[int],
        block: Sequence[int],
        args: Sequence[Any],
        *,
        shared_mem: int = 0,
    ) -> None:
        """Put a launch into the current stream; what is wrong with the call is told at once."""
        stream = current_stream()
        if self._cooperative:
            check_cooperative(grid, block, shared_mem)
        launch = self._kernel.prepare(
            grid, block, args, shared_mem=shared_mem, cooperative=self._cooperative
        )

        def run() -> None:
            RawKernel.launches += 1
            launch(RawKernel.launches)
            check_guards()

        stream.driver.queues.add(stream.ptr, run)
