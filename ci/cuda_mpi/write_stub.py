"""Make a libcuda.so.1 that has every function of the driver, finds no device and does nothing.

Open MPI is linked to it, and runs over it on arrays in host memory.
"""

import re
from pathlib import Path

from run_step import run_step

__all__ = ["write_stub"]

NO_DEVICE = 100
"""CUDA_ERROR_NO_DEVICE, from cuInit."""

NOT_INITIALIZED = 3
"""CUDA_ERROR_NOT_INITIALIZED, from all others: of it Open MPI infers that memory is the host's."""

FLAGS = (
    *("-O2", "-w", "-shared", "-fPIC", "-Wl,-soname,libcuda.so.1"),
    # UCX writes a jump over the beginning of some functions: none may share its code or room.
    *("-falign-functions=32", "-fno-ipa-icf"),
)
# UCX prints the text, so there must be one.
WITH_A_BODY = f"""\
int cuInit(unsigned flags) {{ return {NO_DEVICE}; }}
int cuGetErrorString(int error, const char **text) {{ *text = "no CUDA device"; return 0; }}
int cuGetErrorName(int error, const char **text) {{ *text = "CUDA_ERROR_NO_DEVICE"; return 0; }}
"""


def write_stub(header: Path, folder: Path, log: Path) -> None:
    """Compile the stub into `folder`, under both names that a linker and a loader ask for. Local.

    Parameters
    ----------
    header
        cuda.h: a function for each name in it, old versions too.
    folder
        Made here.
    log
        Of the compiler.

    Raises
    ------
    HpcpyError
        It cannot be compiled.
    """
    folder.mkdir()
    source = folder / "stub.c"
    bodies = (f"int {name}(void) {{ return {NOT_INITIALIZED}; }}\n" for name in list_names(header))
    source.write_text(f"{''.join(bodies)}{WITH_A_BODY}")
    run_step(["cc", *FLAGS, "-o", "libcuda.so.1", source.name], folder, log)
    (folder / "libcuda.so").symlink_to("libcuda.so.1")


def list_names(header: Path) -> list[str]:
    """Return the functions that cuda.h declares: by the names of its prototypes and macros.

    It declares cuMemFree, and a macro says that a program means cuMemFree_v2; Open MPI's
    configure looks for the first, and the compiler calls the second.
    """
    text = header.read_text()
    declared = re.findall(r"CUresult\s+CUDAAPI\s+(cu\w+)\s*\(", text)
    renamed = re.findall(r"\b(cu[A-Z]\w*_v\d+)\b", text)
    return sorted({*declared, *renamed} - set(re.findall(r"int (\w+)\(", WITH_A_BODY)))
