"""The threads that libraries start in each rank, against the cores of the machine."""

from collections.abc import Iterator, Sequence
from math import ceil

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.by_machine import by_machine
from hpcpy_doctor.looks.start_bound import start_bound
from hpcpy_doctor.merge import format_ranks

__all__ = ["CHECK", "compare_threads"]

VARIABLES = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"),
    "NUMEXPR_NUM_THREADS",
)
"""The first one is heeded by most libraries; the others each by one."""

OPENMP = VARIABLES[0]

TOO_MANY = Kind(
    id="more-threads-than-cores",
    level="warning",
    title="The ranks of a machine start more threads than it has cores",
    cause="The variable counts the threads of each rank, not those of the machine.",
    cure="export {variable}={number}",
    text="Threads that share a core wait for each other at every barrier of OpenMP, in a loop: "
    "twice as many threads as cores can take ten times as long. Threads times ranks of a machine "
    "should be its cores, or the processors' time that its container may use. Put the line before "
    "`mpiexec` in the batch script; with several nodes `mpiexec -x OMP_NUM_THREADS` (Open MPI) "
    "or `mpiexec -genvlist OMP_NUM_THREADS` (MPICH) hands it on.",
)
UNSET = Kind(
    id="threads-not-set",
    level="note",
    title="The number of threads is not set, and each rank may start one for every core",
    cause="Without OMP_NUM_THREADS, the threaded libraries below NumPy, numba and numexpr start "
    "as many threads as there are cores, in each rank.",
    cure="export OMP_NUM_THREADS={number}",
    text="It matters only where such a library has work: matrix products of NumPy, `prange` of "
    "numba, numexpr, OpenMP in C and Fortran. N ranks then start N times as many threads as there "
    "are cores. A launcher that binds each rank to its own core prevents it, as does this "
    "variable. Limits of processor time (containers) are not seen by these libraries.",
)
BOUND = Kind(
    id="threads-on-too-few-cores",
    level="warning",
    title="A rank is bound to fewer cores than it starts threads",
    cause="The launcher binds each rank to one core, or a few, and the threads inherit that.",
    cure="{command}",
    example="taskset -c 0-15 /path/to/env/bin/mpiexec --map-by slot:PE=4 --bind-to core -n 4 "
    "python program.py",
    text="All threads of the rank take turns on its cores, while others are idle. Open MPI binds "
    "each rank to one core by default: `mpiexec --map-by slot:PE=4 --bind-to core` gives each rank "
    "four. MPICH: `mpiexec -bind-to core:4`. Slurm: `srun --cpus-per-task=4`.",
)
UNREADABLE = Kind(
    id="threads-not-a-number",
    level="warning",
    title="A variable for the number of threads has no number in it",
    cause="Libraries ignore such a value, some without a word, and start a thread for every core; "
    "numba refuses to be imported.",
    cure="export {variable}=1",
    text="OpenMP takes a positive number, or several with commas between them for nested regions; "
    "the others take one positive number.",
)


def compare_threads(facts: tuple[Facts, ...]) -> Iterator[Finding]:
    """Compare the threads that the ranks of each machine may start with its cores. Local.

    Parameters
    ----------
    facts
        Of all processes.
    """
    findings = [*_check_values(facts)]
    for group in by_machine(facts):
        findings += _check_group(group)
    yield from findings or [Finding.ok(_describe(facts))]


def read_threads(value: str | None) -> int | None:
    """Return how many threads a variable asks for; None for none, or no number. Local."""
    word = (value or "").partition(",")[0].strip()  # 4,2 is 4, and 2 in nested regions
    return int(word) if word.isdecimal() and int(word) > 0 else None


def _check_values(facts: Sequence[Facts]) -> Iterator[Finding]:
    for variable in VARIABLES:
        wrong: dict[str, list[int]] = {}
        for one in facts:
            value = one.environ.get(variable)
            if value and read_threads(value) is None:
                wrong.setdefault(value, []).append(one.rank)
        for value, ranks in wrong.items():
            seen = f"{variable}={value!r} in {format_ranks(ranks)}"
            yield UNREADABLE.found(seen, variable=variable)


def _check_group(group: Sequence[Facts]) -> Iterator[Finding]:
    """Look at the ranks of one machine; say of two that are wrong the worse one only."""
    cores = _count_cores(group)
    each = max(1, cores // len(group))
    totals = {variable: _add(group, variable) for variable in VARIABLES}
    variable = max(VARIABLES, key=totals.__getitem__)
    where = f"{len(group)} rank(s) on {group[0].host}, which may use {cores} core(s)"
    if totals[variable] > cores:
        seen = f"{variable} asks for {totals[variable]} threads in {where}"
        yield TOO_MANY.found(seen, variable=variable, number=each)
        return
    asked = {one.rank: read_threads(one.environ.get(OPENMP)) or 0 for one in group}
    bound = [one for one in group if asked[one.rank] > len(one.cores)]
    if bound:
        threads, own = asked[bound[0].rank], len(bound[0].cores)
        ranks = format_ranks(one.rank for one in bound)
        seen = f"{OPENMP}={threads}, but {own} processor(s) for each of {ranks}"
        yield BOUND.found(seen, command=start_bound(bound[0], threads))
        return
    free = sum(len(one.cores) for one in group if not asked[one.rank])
    if not all(asked.values()) and free > cores and cores > 0:
        seen = f"up to {free} threads in {where}"
        yield UNSET.found(seen, number=each)


def _add(group: Sequence[Facts], variable: str) -> int:
    return sum(read_threads(one.environ.get(variable)) or 0 for one in group)


def _count_cores(group: Sequence[Facts]) -> int:
    """Return what the ranks of a machine may use at once, by their masks and by limits."""
    cores = len({number for one in group for number in one.cores})
    quotas = [one.machine.quota for one in group if one.machine.quota is not None]
    limits = [max(1, ceil(quota)) for quota in quotas]
    return min([cores, *limits])


def _describe(facts: Sequence[Facts]) -> str:
    values = sorted({one.environ.get(OPENMP) or "not set" for one in facts})
    return f"{OPENMP} {' and '.join(values)}, {len(facts)} rank(s)"


CHECK = Check(
    name="threads",
    title="Threads",
    scope="job",
    kinds=(TOO_MANY, UNSET, BOUND, UNREADABLE),
    run=compare_threads,
)
