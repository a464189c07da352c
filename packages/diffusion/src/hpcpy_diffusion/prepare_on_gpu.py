"""Prepare a run on GPUs: the kernel, the plan, the two fields and their exchange."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.allocating import allocating
from hpcpy_core.awareness.operations import Operation
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.device import Device
from hpcpy_core.errors import InputError
from hpcpy_core.topology import create_cart
from hpcpy_diffusion.choose_sweep import choose_sweep, list_candidates, make_sweep
from hpcpy_diffusion.device_pair import DevicePair
from hpcpy_diffusion.find_extent import find_extent
from hpcpy_diffusion.make_exchange import make_exchange
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import Depth
from hpcpy_diffusion.plan_on_gpu import DEEPEST, choose_exchange_on_gpu, make_plan_on_gpu
from hpcpy_diffusion.prepared import Prepared

__all__ = ["prepare_on_gpu"]


@contextmanager
def prepare_on_gpu(
    comm: MPI.Intracomm,
    parameters: Parameters,
    device: Device,
    *,
    kernel: str,
    dims: Sequence[int] | None,
    threads: int,
    halo_depth: Depth,
    exchange: str,
) -> Iterator[Prepared]:
    """Yield what the march needs; free it at the end. Collective over comm.

    Parameters
    ----------
    device
        This rank's GPU.
    comm, parameters, **options
        As `hpcpy_diffusion.run` has them.

    Raises
    ------
    InputError, HpcpyError
        On every rank, if what was asked for cannot work, or does not fit into the GPUs.
    """
    with agreed(comm):
        if threads > 1:
            raise InputError(f"{threads} threads: a run on GPUs has none; leave --threads out")
        way = choose_exchange_on_gpu(exchange, comm.size)
        candidates = list_candidates(kernel, parameters.dtype)
    with ExitStack() as resources:
        cart = create_cart(comm, dims)
        resources.callback(cart.Free)
        decomposition = Decomposition(shape=parameters.shape, dims=tuple(cart.dims), boundary=1)
        rim = 1 if way == "none" else DEEPEST
        rows, columns = (max(1, side) + 2 * rim for side in decomposition.interior(cart.rank).shape)
        chosen, sweep, why = choose_sweep(
            cart, candidates, (rows, columns), parameters.dtype, device
        )
        with agreed(comm):
            plan = make_plan_on_gpu(
                halo_depth, way, sweep, why, points=parameters.points, dims=tuple(cart.dims)
            )
        extent = find_extent(decomposition, cart.rank, plan.depth)
        rows, columns = (max(3, side) for side in extent.shape)  # a rank may have no cells
        sweep = make_sweep(cart, chosen, (rows, columns), parameters.dtype)
        what = f"two fields of {extent.shape[0]} x {extent.shape[1]} points"
        operation: Operation = "p2p" if plan.exchange == "sendrecv" else "persistent"
        with allocating(comm, device, what, "use more GPUs, a larger dx, or float32"):
            pair = DevicePair(
                extent, parameters.dtype, parameters.fourier, sweep, device, operation
            )
        resources.callback(pair.close)
        yield Prepared(
            kernel=chosen.kernel.name,
            cart=cart,
            plan=plan,
            decomposition=decomposition,
            pair=pair,
            exchange=resources.enter_context(make_exchange(plan, cart, pair)),
        )
