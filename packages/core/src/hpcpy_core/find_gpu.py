"""Why this process cannot compute on a GPU: the exact cause, and what mends it.

The driver is asked first, by itself: CuPy says "CUDA driver version is insufficient"
where there is no driver at all. Then CuPy computes, which is the only proof; where it
fails, what is installed tells why. Importing it starts neither MPI nor CUDA.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from hpcpy_core import cuda_driver
from hpcpy_core.cuda_driver import CudaError, Driver, NoDriverError
from hpcpy_core.installed_cupy import explain_installation, explain_wrong_cuda, how_to_install
from hpcpy_core.no_gpu import NoGpu

__all__ = ["find_gpu", "is_out_of_memory"]

HIDDEN = ("", "-1", "NoDevFiles")
"""What batch systems and people write into CUDA_VISIBLE_DEVICES to hide every device."""


def find_gpu(device: int = 0) -> NoGpu | None:
    """Compute on a GPU; return why that failed, or None. Local.

    The device is then the current one of this thread, for the driver and for CuPy.

    Parameters
    ----------
    device
        Its ordinal among those that this process sees.
    """
    try:
        driver = cuda_driver.load_driver()
        if not driver.count_devices():
            return _explain_no_device()
        version = driver.version()
    except NoDriverError:
        return NoGpu("no NVIDIA driver", _enter_with_gpu() or "run it on a machine with a GPU")
    except CudaError as error:
        if error.name == "CUDA_ERROR_NO_DEVICE":
            return _explain_no_device()
        mend = _enter_with_gpu() or "`nvidia-smi` says more; restart after an update of the driver"
        return NoGpu(f"the NVIDIA driver cannot be initialised ({error.name})", mend)
    return explain_installation(version) or _compute(driver, device, version)


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error of the driver, of CuPy or of Python means that memory is full."""
    if isinstance(error, CudaError):
        return error.name == "CUDA_ERROR_OUT_OF_MEMORY"
    return isinstance(error, MemoryError) or "cudaErrorMemoryAllocation" in str(error)


def _explain_no_device(environ: Mapping[str, str] = os.environ) -> NoGpu:
    visible = environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        cure = _enter_with_gpu() or "`nvidia-smi -L` lists what there is"
        return NoGpu("the NVIDIA driver finds no GPU", cure)
    does = "hides every GPU" if visible in HIDDEN else "names no GPU of this machine"
    return NoGpu(
        f"CUDA_VISIBLE_DEVICES={visible!r} {does}",
        "unset it, or let the batch system give you a GPU (srun --gpus-per-task=1)",
    )


def _enter_with_gpu(environ: Mapping[str, str] = os.environ, root: Path = Path("/")) -> str | None:
    """Return how to enter this container so that it sees the driver; None outside of one."""
    if "APPTAINER_CONTAINER" in environ or "SINGULARITY_CONTAINER" in environ:
        return "enter this container with `apptainer exec --nv`"
    if (root / ".dockerenv").exists():
        return "start this container with `docker run --gpus all`"
    if (root / "run" / ".containerenv").exists():
        return "start this container with `podman run --device nvidia.com/gpu=all`"
    return None


def _compute(driver: Driver, device: int, version: int) -> NoGpu | None:
    """Compute something that needs driver, device, runtime and compiler to fit."""
    try:
        driver.use(device)
        import cupy

        cupy.cuda.Device(device).use()
        total = int(cupy.arange(4).sum())
    except Exception as error:  # a broken CUDA installation fails in many ways, none of them fatal
        return _explain_failure(error, driver, device, version)
    if total != 6:
        return NoGpu(f"cupy computes wrong sums on GPU {device}", "have an administrator test it")
    return None


def _explain_failure(error: Exception, driver: Driver, device: int, version: int) -> NoGpu:
    """Say why CuPy did not compute."""
    if is_out_of_memory(error):
        return NoGpu(
            f"the memory of GPU {device} ({driver.device_name(device)}) is full",
            "start fewer ranks on it; `nvidia-smi` lists the programs that have it",
        )
    if isinstance(error, CudaError):
        return NoGpu(f"GPU {device} cannot be used ({error.name})", "`nvidia-smi` shows its state")
    if isinstance(error, ImportError):  # CuPy frames the cause in lines of its own
        said = _first_line(error.__cause__ or error)
        return NoGpu(f"cupy cannot be imported ({said})", how_to_install(version, anew=True))
    said = _first_line(error)
    if isinstance(error, OSError) and error.filename is not None:
        return NoGpu(f"cupy cannot keep its kernels ({said})", "name a folder in CUPY_CACHE_DIR")
    return explain_wrong_cuda(version) or NoGpu(
        f"cupy cannot compute here ({said})", how_to_install(version)
    )


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
