"""Examples: small programs that show one thing each and check their own answer.

A package keeps each in a module of its own, with a function of the same name,
``name(comm, device) -> Result``. Importing this module starts no MPI.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mpi4py import MPI

    from hpcpy_core.device import Device

__all__ = ["Example", "Result", "Topics", "list_topics"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One rank's outcome of an example.

    Attributes
    ----------
    lines
        What this rank has to say; the command prints the lines of all ranks in
        rank order. Empty where it only takes part.
    correct
        Whether this rank's answer is what it must be, computed in another way.
    expected
        For the message where it is not: what it must have been, and what it was.
    """

    lines: tuple[str, ...] = ()
    correct: bool
    expected: str = ""


@dataclass(frozen=True, kw_only=True)
class Example:
    """An example's package, its name, which module and function have too, and what it shows."""

    package: str
    name: str
    summary: str

    def load(self) -> "Callable[[MPI.Intracomm, Device], Result]":
        """Import the example, and mpi4py.MPI with it. Local."""
        module = import_module(f"{self.package}.{self.name}")
        function: Callable[[MPI.Intracomm, Device], Result] = getattr(module, self.name)
        return function


Topics = Mapping[str, tuple[Example, ...]]
"""Examples in teaching order, by topic."""


def list_topics(package: str, summaries: Mapping[str, Mapping[str, str]]) -> Topics:
    """Return the examples of a package. Local.

    Parameters
    ----------
    package
        The package of their modules.
    summaries
        For each topic, what the example of each name shows.
    """
    return MappingProxyType(
        {
            topic: tuple(
                Example(package=package, name=name, summary=summary)
                for name, summary in examples.items()
            )
            for topic, examples in summaries.items()
        }
    )
