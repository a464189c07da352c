"""Profilers on a kernel's step: which functions, which lines, how much memory. No MPI."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from hpcpy_core.errors import InputError
from hpcpy_diffusion.profiling.task import Task

__all__ = ["TOOLS", "Profile", "Tool", "find_tool"]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a profiler found.

    Attributes
    ----------
    text
        As the profiler itself prints it.
    figures
        The same as plain JSON values, in seconds and bytes.
    """

    text: str
    figures: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A profiler: where it is used, and what it needs beyond the standard library.

    Attributes
    ----------
    name
        What the command line calls it.
    module
        Its module here, which has `profile`.
    needs
        A package that must be installed.
    steps
        How many take seconds on the course notes' grid, with the slow kernels too.
    """

    name: str
    module: str
    needs: str | None = None
    steps: int

    def load(self) -> Callable[[Task], Profile]:
        """Import what uses it. Local."""
        profile: Callable[[Task], Profile] = import_module(f"{__name__}.{self.module}").profile
        return profile


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(name="cprofile", module="functions", steps=20),
        Tool(name="line", module="lines", needs="line_profiler", steps=5),
        Tool(name="memory", module="memory", needs="memory_profiler", steps=1),
    )
}


def find_tool(name: str) -> Tool:
    """Return the profiler of that name. Local.

    Raises
    ------
    InputError
        If what it needs is not installed.
    """
    tool = TOOLS[name]
    if tool.needs is not None and find_spec(tool.needs) is None:
        raise InputError(
            f"--tool {name} needs {tool.needs}, which is not installed: pip install {tool.needs}"
        )
    return tool
