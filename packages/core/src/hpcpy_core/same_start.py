"""Every process of a launch was started alike: what counts, and how a difference is said.

A launch by mistake (``mpiexec -n 1 A --set D=1 : -n 1 A --set D=2``, a job array gone
wrong) would hang, or mix two runs in one result. So the ranks compare at the start.
"""

import os
import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Self

from hpcpy_core.masking import mask_text, mask_value

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["Start", "agree_on_start"]

DISTRIBUTIONS = (
    *("hpcpy-core", "hpcpy-mpiio", "hpcpy-diffusion", "hpcpy-collectives"),
    *("hpcpy-gpu-allreduce", "hpcpy-spawn-pi", "mpi4py", "numpy", "numba", "llvmlite"),
    *("numexpr", "cupy", "click"),
)
"""Those that results or messages between ranks depend on."""

VARIABLES = ("NUMBA_DISABLE_JIT",)
"""Beside all that begin with HPCPY_. Not those of a rank or a node: devices, temporary folders,
names of hosts, threads, which a site may well give otherwise to each."""

NOT_COMPARED = ("HPCPY_EMULATED_", "HPCPY_TESTING_", "HPCPY_MPIEXEC")
"""The tests' own, and a path that a node may have for itself."""

LONGEST = 200
"""So many characters of what differs are shown."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """How one process was started.

    Attributes
    ----------
    command
        The name of the command, whether started by that or by ``python -m``.
    arguments
        As they were given.
    mistake
        What is wrong with them, or nothing.
    environment
        The variables that results or paths depend on.
    folder
        The working directory: relative paths begin there.
    inode
        Its number in its file system: a node may have it under another name.
    versions
        Of Python and of the packages, where they are installed.
    """

    command: str
    arguments: tuple[str, ...]
    mistake: str
    environment: Mapping[str, str]
    folder: str
    inode: int
    versions: Mapping[str, str]

    @classmethod
    def of_this_process(
        cls,
        command: str,
        arguments: Sequence[str],
        mistake: str = "",
        environ: Mapping[str, str] = os.environ,
    ) -> Self:
        """Collect it. Local."""
        try:
            folder, inode = os.getcwd(), os.stat(".").st_ino  # noqa: PTH109, PTH116 - as text
        except OSError:
            folder, inode = "a folder that is gone", 0
        return cls(
            command=command,
            arguments=tuple(arguments),
            mistake=mistake,
            environment={
                name: value
                for name, value in sorted(environ.items())
                if name in VARIABLES
                or (name.startswith("HPCPY_") and not name.startswith(NOT_COMPARED))
            },
            folder=folder,
            inode=inode,
            versions=_list_versions(),
        )

    def differs_from(self, other: "Start", rank: int) -> str | None:
        """Say in what this start, of `rank`, differs first from that of rank 0; or None."""
        if self.command != other.command:
            return f"rank {rank} was started as {self.command} where rank 0 is {other.command}"
        if self.arguments != other.arguments:
            mine, theirs = _first_difference(self.arguments, other.arguments)
            return f"rank {rank} was started with other arguments: {mine} where rank 0 has {theirs}"
        for name, value, others in _unequal(self.environment, other.environment):
            here, there = _show_variable(name, value), _show_variable(name, others)
            return f"rank {rank} was started {here} in its environment where rank 0 was {there}"
        if self.folder != other.folder and self.inode != other.inode:
            return f"rank {rank} was started in {self.folder} where rank 0 is in {other.folder}"
        for name, found, others in _unequal(self.versions, other.versions):
            return f"rank {rank} has {name} {found or '(none)'} where rank 0 has {others or 'none'}"
        return None


def agree_on_start(comm: "MPI.Intracomm", start: Start) -> None:
    """Refuse a job whose processes were started differently. Collective over comm.

    It costs one Allreduce of 32 bytes. It is the first thing that the ranks say to one
    another, whichever command each of them runs.

    Raises
    ------
    InputError
        On every rank: the mistake in the arguments, if they are wrong, and the first
        difference, with the rank that has it.
    """
    from hpcpy_core.agreement import are_same, raise_on_all
    from hpcpy_core.errors import InputError

    words = asdict(start)
    del words["inode"]  # of a node's own disk it is another, and the name is enough
    if are_same(comm, repr(sorted(words.items()))):
        if start.mistake:  # the same on all ranks
            raise_on_all(comm, InputError(start.mistake))
        return
    first = comm.bcast(start if comm.rank == 0 else None, root=0)
    difference = start.differs_from(first, comm.rank)
    mistakes = dict.fromkeys(said for said in (start.mistake, first.mistake) if said)
    error = None
    if difference is not None:
        error = InputError(f"{'; '.join([*mistakes, difference])}: start all ranks of a job alike")
    raise_on_all(comm, error)
    # All were started alike, but on some nodes the arguments are wrong.
    where = f"{start.mistake} (on rank {comm.rank})"
    raise_on_all(comm, InputError(where) if start.mistake else None)


def _list_versions() -> dict[str, str]:
    found = {"Python": platform.python_version()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _first_difference(mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, str]:
    """Return the first arguments that differ, each with the option that it belongs to."""
    same = 0
    while same < min(len(mine), len(theirs)) and mine[same] == theirs[same]:
        same += 1
    option = mine[same - 1] if same and mine[same - 1].startswith("-") else ""
    return _show(mine[same : same + 1], option), _show(theirs[same : same + 1], option)


def _show(argument: Sequence[str], option: str) -> str:
    if not argument:
        return "no more of them"
    with_option = [option, *argument] if option and not argument[0].startswith("-") else argument
    return mask_text(_shorten(shlex.join(with_option)))


def _show_variable(name: str, value: str | None) -> str:
    return (
        f"without {name}" if value is None else f"with {name}={_shorten(mask_value(name, value))}"
    )


def _unequal(
    mine: Mapping[str, str], theirs: Mapping[str, str]
) -> list[tuple[str, str | None, str | None]]:
    names = sorted({*mine, *theirs})
    return [
        (name, mine.get(name), theirs.get(name))
        for name in names
        if mine.get(name) != theirs.get(name)
    ]


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
