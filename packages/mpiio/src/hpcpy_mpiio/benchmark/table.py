"""The benchmark's figures as text of at most 80 columns."""

import textwrap
from collections.abc import Mapping, Sequence

from hpcpy_core.sizes import format_size
from hpcpy_mpiio.benchmark.file_system import FileSystem, note_on
from hpcpy_mpiio.benchmark.layouts import Layout
from hpcpy_mpiio.benchmark.measure import Method
from hpcpy_mpiio.benchmark.measurement import Measurement

__all__ = ["format_conditions", "format_table"]

WIDTH = 80
HEADER = (
    f"{'':27s}{'median time in ms':>24s}{'bandwidth in MB/s':>22s}\n"
    f"{'layout':10s} {'api':11s} {'op':5s}{'open':>6s}{'move':>6s}{'sync':>6s}{'close':>6s}"
    f"{'median':>8s}{'IQR':>7s}{'best':>7s} of"
)
CACHE = (
    "cache: the speed of memory, not of a disk: written without --fsync, read while a node "
    "still held the file, or on a file system that is memory."
)
DISK = (
    "disk: what is below a node's page cache; controllers, servers and a virtual machine's host "
    "have caches of their own."
)


def format_conditions(
    layouts: Sequence[Layout], method: Method, system: FileSystem, locks: str, selection: str
) -> str:
    """Return what the figures depend on, with warnings. Local."""
    block = layouts[0].decomposition.owned(0)
    size = block.size * 8
    lines = [
        selection,
        f"file system {system.type}: {system.source} on {system.mount_point} "
        f"({','.join(system.options)}); locking {locks}",
        f"{format_size(size)} a rank, {format_size(size * layouts[0].decomposition.ranks)} a file, "
        f"in calls of {format_size(method.transfer)}; {method.repeats} repeats",
    ]
    if note_on(system):
        lines.append(f"warning: {note_on(system)}")
    return "\n".join(_wrap(line) for line in lines)


def format_table(measurements: Sequence[Measurement], hints: Mapping[str, str]) -> str:
    """Return a row for every measurement, and what its words mean. Local.

    Parameters
    ----------
    measurements
        At least one.
    hints
        That were asked for; those that are not in force are named.
    """
    lines = [HEADER, *map(_format_row, measurements)]
    lines += [_wrap(CACHE)] if any(measured.cached for measured in measurements) else []
    lines += [_wrap(DISK)] if not all(measured.cached for measured in measurements) else []
    in_force = measurements[0].repeats[0].hints
    for key, value in hints.items():
        if in_force.get(key) != value:
            said = f"this MPI says {in_force[key]}" if key in in_force else "this MPI tells nothing"
            lines.append(_wrap(f"hint {key}={value}: {said}"))
    return "\n".join(lines)


def _format_row(measured: Measurement) -> str:
    times = "".join(
        _fit(1e3 * measured.timing(phase).median, 6)
        for phase in ("open", "transfer", "sync", "close")
    )
    total = measured.timing()
    fastest, slowest = total.quartiles
    median, low, high, best = (
        1e-6 * measured.bandwidth(seconds)
        for seconds in (total.median, slowest, fastest, total.minimum)
    )
    return (
        f"{measured.layout.name:10s} {measured.api:11s} {measured.operation:5s}{times}"
        f"{_fit(median, 8)}{_fit(high - low, 7)}{_fit(best, 7)}"
        f" {'cache' if measured.cached else 'disk'}"
    )


def _fit(figure: float, width: int) -> str:
    """Return a figure in so many columns, the first of them empty."""
    digits = 2 if figure < 10 else 1 if figure < 100 else 0
    return f"{figure:{width}.{digits}f}"


def _wrap(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="    ", break_on_hyphens=False)
