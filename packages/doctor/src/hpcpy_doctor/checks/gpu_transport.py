"""Whether device memory may be handed to this MPI: the core proves it, in jobs that may crash."""

from collections.abc import Callable, Iterator

from hpcpy_core.awareness import Verdict
from hpcpy_core.awareness.cache import keep, recall
from hpcpy_core.awareness.identity import identify
from hpcpy_core.awareness.prove import prove
from hpcpy_core.awareness.queries import ASKED
from hpcpy_core.cuda_driver import load_driver
from hpcpy_core.errors import HpcpyError
from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.probing.run_probe import hopeless

__all__ = ["CHECK", "decide", "try_gpu_transport"]

SECONDS = 60.0
"""For a proof: 1 s where the first message crashes, longer where much works. It is kept."""

STAGED = Kind(
    id="gpu-arrays-are-staged",
    level="note",
    title="This MPI takes no device memory",
    cause="The MPI library was built without CUDA, as those of the wheels are: it takes a device "
    "pointer for a host pointer, and crashes.",
    cure="export HPCPY_TRANSPORT=staged",
    text="hpcpy's programs copy device arrays through pinned memory of the host, by themselves "
    "(`--transport auto`), so nothing needs to be done for them. A program that hands a CuPy array "
    "to mpi4py ends with a segmentation fault here: copy it first (`cupy.asnumpy`), or use an "
    "MPI that was built with CUDA; the page `docs/gpu/may-i-pass-a-gpu-pointer.md` tells how to "
    "come by one. `python -m hpcpy_core.awareness` shows the proof.",
)
PARTLY = Kind(
    id="gpu-transport-in-part",
    level="note",
    title="This MPI takes device memory in some operations, and crashes in others",
    cause="Messages are moved by a library that knows CUDA (UCX, say), but what MPI computes or "
    "packs itself is not.",
    cure="python -m hpcpy_core.awareness",
    text="Which operation works was tried one by one, each in a job that may crash. hpcpy's "
    "programs use what was proven and copy through the host for the rest. Other programs must "
    "not hand device arrays to the operations that failed: typically reductions and derived "
    "datatypes, or non-blocking reductions alone.",
)
UNPROVEN = Kind(
    id="gpu-transport-unproven",
    level="note",
    title="Whether this MPI takes device memory could not be found out",
    cause="The jobs of the proof did not start, or took too long.",
    cure="python -m hpcpy_core.awareness --no-cache",
    text="Without a proof hpcpy's programs copy device arrays through the host. Where an MPI "
    "refuses jobs inside of jobs, run the proof before mpiexec, in the same environment; "
    "`--launch 'srun -n 2'` names another launcher.",
)


def decide() -> Verdict:
    """Return the verdict of a former proof in this environment, or of one now. Local."""
    identity = identify()
    verdict = recall(identity)
    if verdict is None:
        verdict = prove(seconds=SECONDS)
        keep(identity, verdict)
    return verdict


def try_gpu_transport(
    facts: tuple[Facts, ...], *, settle: Callable[[], Verdict] = decide
) -> Iterator[Finding]:
    """Say to which operations of MPI device memory may be handed. Local.

    Parameters
    ----------
    facts
        The first is of this process.
    settle
        Finds it out, where there is a GPU.
    """
    try:
        devices = load_driver().count_devices()
    except HpcpyError as error:
        yield Finding.ok(f"nothing to prove: {str(error).partition(' (')[0]}")
        return
    if not devices:
        yield Finding.ok("nothing to prove: the driver shows no device")
        return
    own = facts[0]
    if own.library_path is None or hopeless:
        why = hopeless[0].words if hopeless else "mpi4py loads no MPI library"
        yield UNPROVEN.found(f"{devices} devices, but no MPI job starts: {why}")
        return
    verdict = settle()
    if not verdict.lasting:
        yield UNPROVEN.found(verdict.reason)
    elif not verdict.failures:
        yield Finding.ok(f"{verdict.library} takes device memory in all operations")
    elif verdict.proven:
        failed = [f"{name} ({verdict.failures[name]})" for name in verdict.failures]
        yield PARTLY.found(f"{verdict.library}: {verdict.reason}; not {', '.join(failed)}")
    else:
        asked = verdict.queries.get(ASKED, "nothing")
        seen = f"{verdict.library}, CUDA {verdict.driver}: {verdict.reason}"
        yield STAGED.found(seen if asked == "nothing" else f"{seen}, though {asked} asks for it")


CHECK = Check(
    name="gpu_transport",
    title="GPU transport",
    scope="active",
    kinds=(STAGED, PARTLY, UNPROVEN),
    run=try_gpu_transport,
    seconds=SECONDS,
)
