"""What is run, in which order: the proof, the tests, the examples, then what is measured."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from find_sanitizer import LACKING, find_sanitizer
from list_ladders import list_ladders
from step import Step

__all__ = ["Places", "list_steps"]

RANKS = (1, 2, 4)
WAYS = {"host": "cpu", "staged": "gpu", "direct": "gpu"}
"""Each transport, and the device of its arrays."""

MEASURED = ("latency,allreduce", "8:64M")
UCX = {"OMPI_MCA_pml": "ucx"}
"""Without it this Open MPI moves device memory on one node by its own smcuda."""

WATCHED = ("memcheck", "racecheck")
"""Tools of compute-sanitizer; their exit code tells what they found."""

REHEARSED = "a rehearsal has no GPU to compute on"


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where things are: the bundle, the results, a folder for logs and one for other files."""

    bundle: Path
    results: Path
    logs: Path
    work: Path


def list_steps(places: Places, *, rehearsed: bool) -> Iterator[Step]:
    """Yield the steps; a rehearsal leaves out what needs a GPU that computes. Local."""
    python = (sys.executable, "-m")
    without = REHEARSED if rehearsed else None
    yield Step(name="doctor", command=[*mpiexec(2), "hpcpy_doctor"], seconds=60)
    yield Step(
        name="awareness",
        command=[*python, "hpcpy_core.awareness", "--json"],
        seconds=60,
        output=places.work / "awareness.json",
    )
    emulated = ["--emulated-driver"] if rehearsed else []
    for ranks, tests in product(RANKS, sorted(places.bundle.glob("packages/*/tests/gpu"))):
        command = [*python, "hpcpy_testing", *emulated, "--ranks", str(ranks)]
        package = tests.parts[-3]
        yield Step(name=f"test-{package}-{ranks}", command=[*command, str(tests)], seconds=120)
    for ranks, (way, device) in product(RANKS, WAYS.items()):
        chosen = ["--device", device, "--transport", way]
        yield Step(
            name=f"demo-{way}-{ranks}",
            command=[*mpiexec(ranks), "hpcpy_collectives", "demo", "all", "--quiet", *chosen],
            seconds=60,
            lacks=without if device == "gpu" else None,
        )
    for ranks in (2, 4):
        few = ["--counts", "0,1,1000,100003", "--dtypes", "int32,float32,float64,complex128"]
        yield Step(
            name=f"verify-allreduce-{ranks}",
            command=[*mpiexec(ranks), "hpcpy_gpu_allreduce", "verify", "--device", "gpu", *few],
            seconds=90,
            lacks=without,
        )
    sanitizer = find_sanitizer()
    watched = str(Path(__file__).with_name("sweep_small_grids.py"))
    for tool in WATCHED:
        options = ["--tool", tool, "--error-exitcode", "86"]
        yield Step(
            name=f"watch-{tool}",
            command=[sanitizer or "", *options, sys.executable, watched],
            seconds=60,
            lacks=without or (None if sanitizer else LACKING),
        )
    copies = str(Path(__file__).with_name("measure_copies.py"))
    yield Step(
        name="copies",
        command=[sys.executable, copies],
        seconds=60,
        lacks=without,
        output=places.work / "copies.json",
    )
    launch = {ranks: mpiexec(ranks) for ranks in RANKS}
    yield from list_ladders(places.results, launch, without)
    for ranks, name in ((2, "staged"), (2, "direct"), (4, "staged"), (4, "direct"), (2, "ucx")):
        way = "direct" if name == "ucx" else name
        operations, sizes = MEASURED
        result = places.results / f"bench-{name}-{ranks}.json"
        measure = ["hpcpy_collectives", "bench", "--device", "gpu", "--transport", way]
        what = ["--ops", operations, "--sizes", sizes, "--output", str(result)]
        yield Step(
            name=f"bench-{name}-{ranks}",
            command=[*mpiexec(ranks), *measure, *what],
            seconds=70,
            lacks=without,
            environ=UCX if name == "ucx" else {},
        )
    for ranks in (2, 4):
        result = places.results / f"allreduce-{ranks}.json"
        what = ["--sizes", "8:256M", "--repeats", "9", "--json", str(result)]
        yield Step(
            name=f"bench-allreduce-{ranks}",
            command=[*mpiexec(ranks), "hpcpy_gpu_allreduce", "bench", "--device", "gpu", *what],
            seconds=90,
            lacks=without,
        )


def mpiexec(ranks: int) -> list[str]:
    """Return the beginning of a command that runs a module on so many ranks."""
    return ["mpiexec", "-n", str(ranks), sys.executable, "-m"]
