"""CUDA kernels without a GPU: the same source, compiled for the host and run thread by thread.

`compile_on_host` puts a small CUDA (``cuda_on_host.hpp``) before a source and calls the host's
C++ compiler. Each thread of a kernel is a fiber; where it shuffles, waits at a barrier, sleeps
or orders memory, others run, in an order that a seed decides. What is wrong on a GPU ends here
with a `KernelError` that names the line or the thread:

- a ``__syncthreads`` to which not all threads of a block come, or not to the same one;
- a shuffle or ``__syncwarp`` that a lane of its mask does not join;
- blocks or threads that wait for what nobody writes, asleep or not;
- a misaligned address, an overflow of a signed integer, an index out of a local array;
- an access outside of the pages of a `hpcpy_testing.emulated_cupy.guarded` array, a write beside
  its items, or beside the dynamic shared memory.

A missing barrier makes results differ from seed to seed; what nobody has written is NaN. Bits are
those of a GPU for which ``-fmad=false`` compiles. Not emulated: memory that is ordered more
weakly than the host's (a missing ``__threadfence``), static ``__shared__`` variables, warps of
blocks that share a multiprocessor's registers, and time.

Sources include nothing and use ``DYNAMIC_SHARED(type, name)``, which is ``extern __shared__``
on a GPU; ``__nanosleep`` is in each loop that waits.
"""

from hpcpy_testing.emulated_kernels.host_module import (
    HostKernel,
    HostModule,
    KernelError,
    compile_on_host,
)

__all__ = ["HostKernel", "HostModule", "KernelError", "compile_on_host"]
