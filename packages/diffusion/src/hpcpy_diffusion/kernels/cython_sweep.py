"""Kernel ``cython``: Python with types, translated to C and compiled for this processor.

The same fused loops as ``numba``, in the same order. ``cython_sweep.pyx`` is built at
its first use on this kind of processor.
"""

import sys
import sysconfig
from functools import cache
from importlib.machinery import ExtensionFileLoader
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from hpcpy_core.errors import InputError
from hpcpy_core.tools import run_tool
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.kernels.build_library import SECONDS, build_library, damaged

__all__ = ["build", "step"]

SOURCE = Path(__file__).with_suffix(".pyx")
FLAGS = (
    "-O3",
    "-march=native",
    "-ffp-contract=off",  # a fused multiply-add would make another last bit
    *("-fwrapv", "-fno-strict-aliasing"),  # as Cython's C expects it
)


@cache
def build() -> ModuleType:
    """Translate and compile it, or find it in the user's cache; see `build_library`. Local.

    Raises
    ------
    InputError
        If Python's headers are not installed.
    """
    headers = Path(sysconfig.get_path("include"))
    if not Path(headers, "Python.h").exists():
        raise InputError(
            f"kernel cython needs Python.h, which is not in {headers}: install it, "
            "e.g. apt install python3-dev"
        )
    path = build_library(
        SOURCE,
        "C",
        [*FLAGS, f"-I{headers}"],
        suffix=str(sysconfig.get_config_var("EXT_SUFFIX")),
        translate=_translate,
        translator=f"Cython {version('cython')}",
    )
    loader = ExtensionFileLoader(SOURCE.stem, str(path))
    spec = spec_from_file_location(SOURCE.stem, path, loader=loader)
    assert spec is not None
    try:
        module = module_from_spec(spec)
    except ImportError as error:
        raise damaged(path, error) from error
    loader.exec_module(module)
    return module


def step(u: Field, out: Field, r: float) -> None:
    """Advance one step; see `hpcpy_diffusion.kernels`."""
    build().sweep(u, out, u.dtype.type(1 - 4 * r), u.dtype.type(r))


def _translate(path: Path) -> None:
    run_tool([sys.executable, "-m", "cython", str(SOURCE), "-o", str(path)], SECONDS)
