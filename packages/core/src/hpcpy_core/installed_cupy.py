"""What is wrong with the CuPy that is installed, and which one fits the driver.

Versions of CUDA are numbers such as 13020 for 13.2. Within one major version a newer
CuPy runs on an older driver; a driver runs everything older.
"""

from importlib.metadata import distributions
from importlib.util import find_spec

from hpcpy_core.no_gpu import NoGpu

__all__ = ["explain_installation", "explain_wrong_cuda", "how_to_install"]

OLDEST, NEWEST = 12, 13
"""The major versions that there is an extra for."""


def explain_installation(driver: int) -> NoGpu | None:
    """Say what is wrong before CuPy is imported. Local.

    Parameters
    ----------
    driver
        The newest CUDA that it runs.
    """
    if driver // 1000 < OLDEST:
        cause = f"the NVIDIA driver runs only CUDA {_name(driver)} and older"
        return NoGpu(cause, f"update it: CuPy needs one for CUDA {OLDEST} or newer")
    if find_spec("cupy") is None:
        return NoGpu("cupy is not installed", how_to_install(driver))
    installed = _list_distributions()
    if len(installed) > 1:  # their files have overwritten each other's
        cause = f"{' and '.join(installed)} are installed together"
        return NoGpu(cause, how_to_install(driver, anew=True))
    return None


def explain_wrong_cuda(driver: int) -> NoGpu | None:
    """Say that the driver is too old for CuPy, if it is. Local; for a CuPy that failed."""
    try:
        import cupy

        runtime = int(cupy.cuda.runtime.runtimeGetVersion())
    except Exception:  # what is not importable has no version
        return None
    if runtime // 1000 <= driver // 1000:
        return None
    cause = f"cupy is made for CUDA {_name(runtime)}, but the driver runs only {_name(driver)}"
    return NoGpu(cause, how_to_install(driver, anew=True))


def how_to_install(driver: int, *, anew: bool = False) -> str:
    """Return how to install the CuPy that fits, compiler and headers included. Local.

    Parameters
    ----------
    driver
        The newest CUDA that it runs.
    anew
        Whether to remove first what is installed; else a CuPy that fits gets what it lacks.
    """
    installed = _list_distributions()
    best = min(driver // 1000, NEWEST)
    fitting = [n for n in range(OLDEST, best) if f"cupy-cuda{n}x" in installed and not anew]
    install = f'`pip install "cupy-cuda{fitting[-1] if fitting else best}x[ctk]"`'
    return f"`pip uninstall {' '.join(installed)}`, then {install}" if anew else install


def _list_distributions() -> list[str]:
    names = {each.name for each in distributions()}
    return sorted(n for n in names if n == "cupy" or n.startswith(("cupy-cuda", "cupy-rocm")))


def _name(version: int) -> str:
    return f"{version // 1000}.{version % 1000 // 10}"
