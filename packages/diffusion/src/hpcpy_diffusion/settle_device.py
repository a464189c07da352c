"""A kernel computes on one kind of device: its name settles what was left open."""

from hpcpy_core.device_request import DeviceRequest, parse_request
from hpcpy_diffusion.kernels import GPU_KERNELS, find_kernel

__all__ = ["settle_device"]


def settle_device(request: DeviceRequest, kernel: str) -> DeviceRequest:
    """Return the device to ask for, where a kernel was asked for by name. Local.

    Raises
    ------
    InputError
        If there is no such kernel, or it computes on the other kind, or what it needs on
        a CPU is not installed. What a GPU needs is explained when it is selected.
    """
    kind, _ = parse_request(request)
    if kernel == "auto":
        return request
    if kernel in GPU_KERNELS and kind != "cpu":
        return "gpu" if kind == "auto" else request
    find_kernel(kernel, "gpu" if kind == "gpu" else "cpu")
    return "cpu"
