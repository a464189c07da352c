"""Which device computes: chosen once, agreed by all ranks, with the reason."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from mpi4py import MPI

from hpcpy_core.agreement import raise_on_all
from hpcpy_core.errors import InputError

__all__ = ["Device", "DeviceKind", "DeviceRequest", "find_gpu", "select_device"]

DeviceKind = Literal["cpu", "gpu"]
DeviceRequest = Literal["auto", "cpu", "gpu"]


@dataclass(frozen=True, kw_only=True)
class Device:
    """Where arrays live and kernels run, and why."""

    kind: DeviceKind
    reason: str


def select_device(request: DeviceRequest, comm: MPI.Intracomm) -> Device:
    """Choose the device of every rank. Collective over comm.

    Parameters
    ----------
    request
        ``auto`` takes only what was proven here, which so far is the CPU.
    comm
        All of its ranks get the same kind of device.

    Raises
    ------
    InputError
        On every rank, if ``gpu`` was asked for and any rank cannot have it.
    """
    if request == "cpu":
        return Device(kind="cpu", reason="asked for")
    missing = find_gpu() or "the GPU path is not built yet"
    if request == "gpu":
        raise_on_all(comm, InputError(f"--device gpu: {missing}. Use --device cpu"))
    missing = comm.bcast(missing, root=0)
    return Device(kind="cpu", reason=f"no GPU: {missing}")


def find_gpu() -> str | None:
    """Return why this process cannot use a GPU, or None if CuPy sees one. Local."""
    if find_spec("cupy") is None:
        return "cupy is not installed"
    try:
        import cupy

        devices = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # a broken CUDA installation fails in many ways, none of them fatal
        said = str(error) or type(error).__name__
        return f"cupy found no device ({said.splitlines()[0]})"
    return None if devices else "cupy found no device"
