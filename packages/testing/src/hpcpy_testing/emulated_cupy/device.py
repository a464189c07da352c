"""A device of the emulated CuPy: a small GPU of the kind `H100`."""

from collections.abc import Sequence
from math import prod

from hpcpy_testing.emulated_kernels.host_module import KernelError
from hpcpy_testing.host_driver import HostDriver

__all__ = ["ATTRIBUTES", "Device", "check_cooperative"]

ATTRIBUTES = {
    "CooperativeLaunch": 1,
    "MaxBlocksPerMultiprocessor": 32,
    "MaxSharedMemoryPerBlockOptin": 232448,
    "MaxSharedMemoryPerMultiprocessor": 233472,
    "MaxThreadsPerMultiProcessor": 2048,
    "MultiProcessorCount": 4,
    "WarpSize": 32,
}
"""Of each device; a test that needs a larger one changes it by ``monkeypatch.setitem``."""

RESERVED = 1024
"""Bytes of shared memory that CUDA takes for each block."""


class Device:
    """One of the devices; its memory is the host's, whichever it is. All methods are local."""

    compute_capability = "90"

    def __init__(self, driver: HostDriver, used: list[int], index: int | None = None) -> None:
        self.id = index or 0
        self.attributes = ATTRIBUTES
        self._driver = driver
        self._used = used

    def use(self) -> "Device":
        """Note it."""
        self._used.append(self.id)
        return self

    def synchronize(self) -> None:
        """Wait for all work."""
        self._driver.synchronize_device()

    def __enter__(self) -> "Device":
        """Do nothing: there is no context."""
        return self

    def __exit__(self, *error: object) -> None:
        """Do nothing."""


def check_cooperative(grid: Sequence[int], block: Sequence[int], shared: int) -> None:
    """Refuse a cooperative launch of more blocks than can be alive at once. Local.

    Registers are not counted, which on a GPU are a limit, too.

    Raises
    ------
    KernelError
        As the driver would.
    """
    each = min(
        ATTRIBUTES["MaxBlocksPerMultiprocessor"],
        ATTRIBUTES["MaxThreadsPerMultiProcessor"] // prod(block),
        ATTRIBUTES["MaxSharedMemoryPerMultiprocessor"] // (shared + RESERVED),
    )
    most = each * ATTRIBUTES["MultiProcessorCount"]
    if prod(grid) > most:
        raise KernelError(
            f"CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE: {prod(grid)} blocks cannot be alive "
            f"at once, at most {most}"
        )
