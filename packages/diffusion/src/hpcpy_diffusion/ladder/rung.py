"""The rungs of the ladder: kernels, each with a number of threads. Starts no MPI."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hpcpy_core.device_request import DeviceRequest, parse_request
from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels import GPU_KERNELS, KERNELS, Kernel, find_kernel
from hpcpy_diffusion.kernels.kernel import KernelDevice

__all__ = ["COMPARED", "Rung", "find_ladder", "list_missing", "list_rungs", "settle_ladder"]

COMPARED = "numba-vector"
"""The kernel on this machine's processor that those on its GPU are compared with."""


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A kernel on so many threads in each process: one line of the ladder."""

    kernel: Kernel
    threads: int = 1

    @property
    def name(self) -> str:
        """The kernel's name, with the number of threads where that is not 1."""
        return self.kernel.name if self.threads == 1 else f"{self.kernel.name} x{self.threads}"


def find_ladder(device: KernelDevice) -> Mapping[str, Kernel]:
    """Return the kernels of a device's ladder, by name; a GPU's has one of the CPU. Local."""
    return KERNELS if device == "cpu" else {**GPU_KERNELS, COMPARED: KERNELS[COMPARED]}


def settle_ladder(request: DeviceRequest, names: Sequence[str] | None) -> DeviceRequest:
    """Return the device to ask for, where the kernels settle what was left open. Local.

    Raises
    ------
    InputError
        If a kernel computes on the other device, or what it needs is not installed.
    """
    kind, _ = parse_request(request)
    if names is None:
        return request
    if kind == "auto":
        kind = "gpu" if any(name in GPU_KERNELS for name in names) else "cpu"
        request = kind
    ladder = find_ladder(kind)
    for name in names:
        if name not in ladder:
            other = "gpu" if kind == "cpu" else "cpu"
            raise InputError(
                f"kernel {name} computes on a {other.upper()}, and this ladder is a "
                f"{kind.upper()}'s: give --device {other}, or choose from {', '.join(ladder)}"
            )
        if ladder[name].device == "cpu":  # what a GPU needs is explained when it is selected
            find_kernel(name)
    return request


def list_rungs(
    names: Sequence[str] | None, threads: Sequence[int], device: KernelDevice = "cpu"
) -> list[Rung]:
    """Return the rungs of those kernels that are installed, slowest first. Local.

    Parameters
    ----------
    names
        Of kernels; None is all of them.
    threads
        Each is a rung of its own, of the kernels that have threads; others have one rung.
    device
        Whose ladder it is.
    """
    chosen = [
        kernel
        for name, kernel in find_ladder(device).items()
        if kernel.installed and (names is None or name in names)
    ]
    return [
        Rung(kernel=kernel, threads=number)
        for kernel in chosen
        for number in (threads if kernel.threads else (1,))
    ]


def list_missing(device: KernelDevice = "cpu") -> dict[str, str]:
    """Return what each kernel lacks that is not installed, and what brings that. Local."""
    return {
        kernel.name: f"{kernel.missing}; {kernel.install}"
        for kernel in find_ladder(device).values()
        if kernel.missing is not None
    }
