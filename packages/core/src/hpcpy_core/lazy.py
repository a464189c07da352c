"""Names of a package that are imported at their first use."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module

__all__ = ["lazy_attributes"]


def lazy_attributes(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return a module-level ``__getattr__`` for a package's ``__init__``. Local.

    The package gets a ``__dir__`` too, so that `dir` and an interpreter's completion list the
    names that were not imported yet.

    Importing `mpi4py.MPI` starts MPI, so a package whose ``--help`` must not do
    that cannot import its own public functions when it is imported itself.

    Parameters
    ----------
    package
        Its ``__name__``.
    homes
        For each public name the module of the package that defines it; a module
        must not have the name of what it defines, or it would hide it.
    """

    def get(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found: object = getattr(import_module(f"{package}.{homes[name]}"), name)
        return found

    module = sys.modules.get(package)
    if module is not None:
        names = vars(module)
        names["__dir__"] = lambda: sorted({*names, *homes})
    return get
