"""Compile a CUDA source of this folder with CuPy, which keeps what it compiled on disk."""

import functools
from collections.abc import Sequence
from typing import Any

from hpcpy_core.errors import HpcpyError
from hpcpy_diffusion.kernels.gpu.source import load_source

__all__ = ["OPTIONS", "CompilationError", "compile_source"]

OPTIONS = ("-std=c++17", "-fmad=false")
"""For all sources: a product and a sum are rounded each, as on the CPU."""
LINES = 3
"""Of what the compiler says, in a message."""


class CompilationError(HpcpyError):
    """CuPy and this GPU's driver make no kernel of a source; another kernel may do."""


def compile_source(
    name: str, function: str, options: Sequence[str], *, cooperative: bool = False
) -> Any:  # noqa: ANN401 - CuPy's kernel
    """Return a kernel, compiled for the current device. Local.

    Parameters
    ----------
    name
        Of the source, e.g. ``"sweep_once.cu"``.
    function
        The kernel's name in it.
    options
        Of the compiler, beyond `OPTIONS`: macros.
    cooperative
        Whether all its blocks must run at the same time.

    Raises
    ------
    CompilationError
        If it cannot be compiled or loaded: with what the compiler says.
    """
    return _compile(name, function, (*OPTIONS, *options), cooperative)


@functools.cache
def _compile(name: str, function: str, options: tuple[str, ...], cooperative: bool) -> Any:  # noqa: ANN401 - CuPy's kernel
    import cupy

    try:
        module = cupy.RawModule(
            code=load_source(name), options=options, enable_cooperative_groups=cooperative
        )
        return module.get_function(function)  # compiles and loads it
    except Exception as error:  # CuPy's, the driver's or the loader's: each means no kernel
        said = [line for line in str(error).splitlines() if line.strip()]
        cause = "; ".join(said[:LINES]) or type(error).__name__
        raise CompilationError(
            f"cannot compile {name} for this GPU: {cause}. "
            "python -c 'import cupy; cupy.show_config()' shows CuPy's CUDA, which must be one "
            "that the driver supports; --device cpu computes without"
        ) from error
