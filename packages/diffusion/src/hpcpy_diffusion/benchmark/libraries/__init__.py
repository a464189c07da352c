"""The same problem in other libraries, each as its own documentation would write it.

None of them is a requirement of this package: what is installed is compared.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from hpcpy_diffusion.parameters import Parameters

if TYPE_CHECKING:
    from hpcpy_diffusion.ladder.timed import Timed

__all__ = ["LIBRARIES", "Library"]


@dataclass(frozen=True, kw_only=True)
class Library:
    """A library, and the module here that uses it, whose ``prepare`` returns a `Timed`."""

    name: str
    module: str
    needs: str

    @property
    def installed(self) -> bool:
        """Whether it can be imported."""
        return find_spec(self.needs) is not None

    @property
    def version(self) -> str:
        """As its distribution has it."""
        return version(self.name)

    def prepare(self, parameters: Parameters) -> "Timed":
        """Import the library, and return the problem in it. Local."""
        timed: Timed = import_module(f"{__name__}.{self.module}").prepare(parameters)
        return timed


LIBRARIES = (
    Library(name="devito", module="in_devito", needs="devito"),
    Library(name="jax", module="in_jax", needs="jax"),
    Library(name="py-pde", module="in_py_pde", needs="pde"),
)
