"""Measure what bounds every message: copies on the device, and from and to pinned memory.

Usage: python measure_copies.py    prints a JSON object

A figure is the median over repeats; each is a row of copies in one stream, and one wait.
"""

import ctypes
import json
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from hpcpy_core.cuda_driver import Driver, load_driver

__all__ = ["measure_copies"]

SIZES = tuple(4**power for power in range(5, 15))
"""In bytes: 1 KiB to 256 MiB."""

REPEATS = 9
SECONDS = 0.02
"""That a row of copies is to take, so that its start and its end count little."""


def measure_copies(driver: Driver, device: int = 0) -> dict[str, dict[str, float]]:
    """Return the seconds of a copy, by kind and by size in bytes. Local."""
    driver.use(device)
    largest = SIZES[-1]
    source, target = driver.allocate(largest), driver.allocate(largest)
    host = driver.allocate_host(largest)
    stream = driver.make_stream()
    ctypes.memset(host, 1, largest)
    driver.copy_to_device(source, host, largest, stream)

    def on_device(nbytes: int) -> None:
        addresses = (ctypes.c_uint64(target), ctypes.c_uint64(source))
        size, handle = ctypes.c_size_t(nbytes), ctypes.c_void_p(stream)
        driver.call("cuMemcpyDtoDAsync_v2", *addresses, size, handle)

    kinds: dict[str, Callable[[int], None]] = {
        "device to device": on_device,
        "pinned to device": lambda nbytes: driver.copy_to_device(target, host, nbytes, stream),
        "device to pinned": lambda nbytes: driver.copy_to_host(host, source, nbytes, stream),
    }
    try:
        return {
            name: {str(nbytes): time_copy(driver, stream, copy, nbytes) for nbytes in SIZES}
            for name, copy in kinds.items()
        }
    finally:
        driver.destroy_stream(stream)
        driver.free_host(host)
        driver.free(source)
        driver.free(target)


def time_copy(driver: Driver, stream: int, copy: Callable[[int], None], nbytes: int) -> float:
    """Return the median of the seconds of one copy."""

    def row(count: int) -> float:
        driver.synchronize(stream)
        start = perf_counter()
        for _ in range(count):
            copy(nbytes)
        driver.synchronize(stream)
        return (perf_counter() - start) / count

    row(1)
    count = max(1, min(1000, round(SECONDS / row(3))))
    return median(row(count) for _ in range(REPEATS))


def main() -> int:
    """Measure on the first device, and print the figures."""
    driver = load_driver()
    figures = {"unit": "s", "repeats": REPEATS, "seconds": measure_copies(driver)}
    print(json.dumps({"device": driver.device_name(0), **figures}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
