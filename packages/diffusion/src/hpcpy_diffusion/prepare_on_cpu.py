"""Prepare a run on CPUs: the kernel, the plan, the two fields and their exchange."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import InputError
from hpcpy_core.memory import require_memory
from hpcpy_core.topology import create_cart
from hpcpy_diffusion.compile_kernel import compile_kernel
from hpcpy_diffusion.kernels import find_kernel
from hpcpy_diffusion.make_pair import make_pair, shared_bytes
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import Depth, choose_exchange, make_plan
from hpcpy_diffusion.prepared import Prepared
from hpcpy_diffusion.shared_memory import SharedMemory

__all__ = ["prepare_on_cpu"]


@contextmanager
def prepare_on_cpu(
    comm: MPI.Intracomm,
    parameters: Parameters,
    *,
    nodes: int,
    kernel: str,
    dims: Sequence[int] | None,
    threads: int,
    halo_depth: Depth,
    exchange: str,
) -> Iterator[Prepared]:
    """Yield what the march needs; free it at the end. Collective over comm.

    Parameters
    ----------
    nodes
        On which the ranks are.
    comm, parameters, **options
        As `hpcpy_diffusion.run` has them.

    Raises
    ------
    InputError
        On every rank, if what was asked for cannot work, or does not fit into memory.
    """
    with agreed(comm):
        chosen = find_kernel(kernel)
        step = chosen.load(threads)
        way, dims = choose_exchange(
            exchange, chosen, ranks=comm.size, nodes=nodes, dims=dims, halo_depth=halo_depth
        )
    with ExitStack() as resources:
        cart = create_cart(comm, dims)
        resources.callback(cart.Free)
        _require_memory(parameters, comm)
        memory, note = None, ""
        if way == "shared":
            size = shared_bytes(chosen, parameters, threads * comm.size)
            try:
                memory = resources.enter_context(SharedMemory(cart, size))
            except InputError:
                if exchange == "shared":
                    raise
                way, note = "persistent", "; there is too little shared memory"
        with agreed(comm):
            plan = make_plan(
                halo_depth, way, chosen, parameters, dims=tuple(cart.dims), threads=threads
            )
            plan = replace(plan, why=plan.why + note)
        decomposition = Decomposition(shape=parameters.shape, dims=tuple(cart.dims), boundary=1)
        whole_rows = plan.exchange != "shared" or cart.dims[1] == 1
        compile_kernel(comm, chosen, step, parameters, whole_rows=whole_rows)
        pair, exchanged = resources.enter_context(
            make_pair(plan, chosen, step, parameters, decomposition, cart, memory)
        )
        yield Prepared(
            kernel=chosen.name,
            cart=cart,
            plan=plan,
            decomposition=decomposition,
            pair=pair,
            exchange=exchanged,
        )


def _require_memory(parameters: Parameters, comm: MPI.Intracomm) -> None:
    """Refuse a grid whose two fields do not fit in the nodes' memory. Collective over comm."""
    rows, columns = parameters.shape
    share = 2 * rows * columns * np.dtype(parameters.dtype).itemsize // comm.size
    require_memory(
        comm,
        share,
        f"dx = {parameters.dx:g}: a grid of {parameters.points}^2 points",
        "use a larger dx, float32, or more nodes",
    )
