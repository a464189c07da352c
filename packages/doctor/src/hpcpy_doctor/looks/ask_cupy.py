"""Ask CuPy whether it computes. Run as a process of its own: what does not fit may crash.

``python -m hpcpy_doctor.looks.ask_cupy`` prints lines of JSON.
"""

import json
import sys
from importlib.metadata import distributions

from hpcpy_core.cuda_driver import load_driver
from hpcpy_core.errors import HpcpyError
from hpcpy_core.find_gpu import find_gpu
from hpcpy_core.installed_cupy import how_to_install

__all__ = ["main"]

UNKNOWN = 13000
"""The CUDA that is taken for that of a driver which is not there."""


def main() -> int:
    """Say what is installed, and why it does not compute, on standard output. Local."""
    names = sorted((each.name, each.version) for each in distributions() if _is_cupy(each.name))
    _say(installed=[f"{name} {version}" for name, version in names], devices=0)
    version = UNKNOWN
    try:
        driver = load_driver()
        version = driver.version()
        _say(devices=driver.count_devices())
    except HpcpyError:  # the check of GPUs tells why
        pass
    _say(anew=how_to_install(version, anew=True))
    missing = find_gpu()
    _say(cause=missing.cause if missing else None, cure=missing.cure if missing else None)
    return 0


def _is_cupy(name: str | None) -> bool:
    return name == "cupy" or str(name).startswith(("cupy-cuda", "cupy-rocm"))


def _say(**said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
