"""Read a CUDA source of this folder, as one text. No CuPy."""

from importlib.resources import files

__all__ = ["load_source"]

SHARED = "update.cuh"
"""What the sources include: CuPy's cache of compiled kernels knows nothing of included files."""


def load_source(name: str) -> str:
    """Return a source with what it includes in its place. Local.

    Parameters
    ----------
    name
        Of a file beside this module, e.g. ``"sweep_once.cu"``.
    """
    folder = files(__package__)
    text = folder.joinpath(name).read_text(encoding="utf-8")
    shared = folder.joinpath(SHARED).read_text(encoding="utf-8")
    return text.replace(f'#include "{SHARED}"\n', shared, 1)
