"""Call the host's C++ compiler."""

from hpcpy_core.errors import HpcpyError
from hpcpy_core.tools import TOO_LONG, complete_tool

__all__ = ["call_compiler"]

SECONDS = 300
"""Enough on a very busy machine; it takes less than 1 s."""
MOST_WORDS = 2000
"""Of what the compiler says."""


def call_compiler(command: list[str]) -> None:
    """Run it. Local.

    Raises
    ------
    HpcpyError
        If it fails: with its first words, since the first error causes the others.
    """
    done = complete_tool(command, SECONDS)
    if done.returncode:
        end = " after too long" if done.returncode in TOO_LONG else ""
        words = done.stderr.strip()[:MOST_WORDS]
        raise HpcpyError(f"{command[0]} refuses a CUDA source{end}: {words}")
