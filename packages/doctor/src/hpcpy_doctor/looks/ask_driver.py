"""Ask the NVIDIA driver who it is. Run as a process of its own: a broken driver hangs or crashes.

``python -m hpcpy_doctor.looks.ask_driver`` prints lines of JSON.
"""

import ctypes
import json
import os
import sys
from pathlib import Path

from hpcpy_core.cuda_driver import NAME, CudaError, Driver, NoDriverError, load_driver
from hpcpy_core.find_library import list_mapped

__all__ = ["main"]

COMPUTE_MODE = 20
"""Number of the attribute of a device."""


def main() -> int:
    """Say what there is, on standard output. Local."""
    try:
        library = ctypes.CDLL(NAME)
    except OSError as error:
        _say(missing=str(error))
        return 0
    _say(path=_find_file())
    version = ctypes.c_int()
    if library.cuDriverGetVersion(ctypes.byref(version)) == 0:
        _say(version=version.value)
    try:
        driver = load_driver()
        _say(devices=[_describe(driver, each) for each in range(driver.count_devices())])
    except NoDriverError as error:
        _say(missing=str(error))
    except CudaError as error:
        _say(error=error.name)
    return 0


def _find_file() -> str:
    found = [path for path in list_mapped() if Path(path).name.startswith("libcuda.so")]
    return os.path.realpath(found[0]) if found else NAME


def _describe(driver: Driver, device: int) -> dict[str, object]:
    mode = ctypes.c_int()
    driver.call("cuDeviceGetAttribute", ctypes.byref(mode), COMPUTE_MODE, device)
    return {
        "name": driver.device_name(device),
        "uuid": driver.device_uuid(device),
        "mode": mode.value,
    }


def _say(**said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
