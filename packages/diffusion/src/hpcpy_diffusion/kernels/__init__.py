"""The ladder of kernels: one file each, one signature, one formula, no MPI.

A kernel advances a padded block by one time step::

    step(u, out, r)

    u    (m+2, k+2) array with halo or boundary all around; only read
    out  array of the same shape and dtype; its m x k inner items are written,
         its rim is left as it was
    r    mesh Fourier number D dt/dx^2

Rows are contiguous, but may lie further apart than they are long: both arrays may be
views of some rows and columns of larger ones. Kernels marked `Kernel.whole` want them
without gaps.

Every kernel computes, in this order of operations,

    out = (1 - 4 r) u + r ((north + south) + (west + east))

which treats the four neighbours alike, so that a symmetric field stays symmetric
to the last bit, and which depends on nothing but the item's own stencil, so that
every decomposition gives the same bits.
Source: forward time, centred space; e.g. Morton and Mayers, Numerical Solution of
Partial Differential Equations, 2nd ed., section 3.1.
"""

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels.kernel import Field, Kernel, KernelDevice, Step

__all__ = ["GPU_KERNELS", "KERNELS", "Field", "Kernel", "Step", "find_kernel"]

NUMBA = "pip install --upgrade numba"

KERNELS = {
    kernel.name: kernel
    for kernel in (  # slowest first, on one thread
        Kernel(name="numpy-loops", module="numpy_loops"),
        Kernel(name="python", module="python_lists"),
        Kernel(
            name="numexpr",
            module="numexpr_views",
            needs="numexpr",
            install="pip install --upgrade numexpr",
            threads=True,
        ),
        Kernel(name="numpy", module="numpy_slices"),
        Kernel(name="jax", module="jax_jit", needs="jax", install="pip install --upgrade jax"),
        Kernel(
            name="pytensor",
            module="pytensor_graph",
            needs="pytensor",
            install="pip install --upgrade pytensor",
        ),
        Kernel(name="numpy-flat", module="numpy_flat", whole=True),
        Kernel(
            name="cpp",
            module="cpp_two_loops",
            compiler="C++",
            install="set CXX, or install one, e.g. apt install g++",
            yardstick=True,
        ),
        Kernel(
            name="fortran",
            module="fortran_two_loops",
            compiler="Fortran",
            install="set FC, or install one, e.g. apt install gfortran",
            yardstick=True,
        ),
        Kernel(
            name="numba-parallel",
            module="numba_parallel",
            needs="numba",
            install=NUMBA,
            threads=True,
        ),
        Kernel(
            name="cython",
            module="cython_sweep",
            needs="cython",
            compiler="C",
            install="pip install --upgrade cython, and a C compiler: set CC, or install "
            "one, e.g. apt install gcc libc6-dev",
        ),
        Kernel(name="numba", module="numba_rows", needs="numba", install=NUMBA),
        Kernel(
            name="numba-vector",
            module="numba_vector",
            needs="numba",
            install=NUMBA,
            threads=True,
            tiles=True,
        ),
    )
}


CUPY = "pip install 'cupy-cuda13x[ctk]', or cupy-cuda12x[ctk] where the driver is older"

GPU_KERNELS = {
    name: Kernel(name=name, module=f"gpu.{module}", device="gpu", needs="cupy", install=CUPY)
    for name, module in (
        ("cupy", "device_slices"),
        ("cupy-raw", "cupy_raw"),
        ("cupy-tiled", "cupy_tiled"),
        ("cupy-resident", "cupy_resident"),
    )
}
"""The ladder on a GPU, from the simplest: see `hpcpy_diffusion.kernels.gpu.sweep`."""

LADDERS = {"cpu": KERNELS, "gpu": GPU_KERNELS}


def find_kernel(name: str, device: KernelDevice = "cpu") -> Kernel:
    """Return the kernel of that name; ``auto`` is the fastest that works here. Local.

    Parameters
    ----------
    name
        On a GPU, ``auto`` gives the last one: `hpcpy_diffusion.choose_sweep` tells which is
        the fastest there.
    device
        Where it is to compute.

    Raises
    ------
    InputError
        If there is none of that name for the device, or what it needs is not installed.
    """
    ladder = LADDERS[device]
    if name == "auto":
        ours = [kernel for kernel in ladder.values() if not kernel.yardstick]
        return next((kernel for kernel in reversed(ours) if kernel.works), ours[-1])
    if name not in ladder:
        other = "gpu" if device == "cpu" else "cpu"
        if name in LADDERS[other]:
            raise InputError(
                f"kernel {name} computes on a {other.upper()}, and this run on a "
                f"{device.upper()}: give --device {other}, or choose auto or one of "
                f"{', '.join(ladder)}"
            )
        raise InputError(f"unknown kernel {name!r}: choose auto or one of {', '.join(ladder)}")
    kernel = ladder[name]
    missing = kernel.missing
    if missing is not None:
        raise InputError(f"kernel {name} needs {missing}, which is not installed: {kernel.install}")
    return kernel
