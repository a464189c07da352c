"""The proof: hand device memory to MPI in expendable jobs, and see what comes of it.

Starts no MPI in this process, and works inside a job as well as outside of one.
"""

import math
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from hpcpy_core.awareness.choose_launch import choose_launch
from hpcpy_core.awareness.markers import read_markers
from hpcpy_core.awareness.operations import OPERATIONS, TO_ITSELF, Operation
from hpcpy_core.awareness.outcome import Outcome, read_outcome
from hpcpy_core.awareness.sweep import sweep
from hpcpy_core.awareness.verdict import Verdict
from hpcpy_core.errors import HpcpyError
from hpcpy_core.tools import complete_tool

__all__ = ["prove"]

SECONDS = 120.0
TRIAL_SECONDS = 15.0
"""For one operation with messages of all sizes, which takes less than one of them."""

NEEDS: dict[Operation, Operation] = {
    "nonblocking": "gather",
    "persistent_collective": "reduction",
    "nonblocking_reduction": "reduction",
    "accumulate": "reduction",
}
"""Where the second one fails, the first is not tried: every crash costs one more job."""

ADVICE = (
    "Run `python -m hpcpy_core.awareness` before mpiexec, in the same environment; --launch names "
    "another launcher"
)


def prove(*, launch: Sequence[str] | None = None, seconds: float = SECONDS) -> Verdict:
    """Try all operations with device memory, between ranks of this MPI. Local.

    An operation that crashes or hangs ends its job; the rest is tried in another one.

    Parameters
    ----------
    launch
        Words before the program, such as ``srun -N 2 -n 2``; None takes two ranks of the
        mpiexec that belongs to the loaded library.
    seconds
        After which the last job is ended.

    Returns
    -------
    Verdict
        Not a lasting one if there is no device or no launcher, if a job did not start, or if
        the time was too short.
    """
    began = time.monotonic()
    try:
        words, environ = choose_launch(launch)
    except HpcpyError as error:
        return _give_up(str(error), began)
    started: list[dict[str, Any]] = []
    failures: dict[Operation, str] = {}
    untried, lasting = list(OPERATIONS), True
    while untried:
        left = seconds - (time.monotonic() - began)
        if started and left < TRIAL_SECONDS:
            failures.update(dict.fromkeys(untried, f"not tried: {seconds:g} s were over"))
            lasting = False
            break
        outcome = _run([*words], environ, untried, left)
        failures.update(outcome.failures)
        if not (started := started or outcome.started):
            return _give_up(f"{failures[untried[0]]}. {ADVICE}", began)
        lasting = lasting and bool(outcome.started)
        untried = _list_rest(untried, outcome, failures)
    first = started[0]
    devices = " and ".join(sorted({said["device"] for said in started}))
    return Verdict(
        failures={name: failures[name] for name in OPERATIONS if name in failures},
        library=first["started"],
        driver=f"{first['driver']}, {devices}",
        nodes=first["nodes"],
        seconds=time.monotonic() - began,
        lasting=lasting,
        queries=first["queries"],
    )


def _run(
    words: Sequence[str], environ: Mapping[str, str], operations: Sequence[Operation], left: float
) -> Outcome:
    """Run one job, for at most `left` seconds, and remove what it leaves behind."""
    trial_seconds = min(TRIAL_SECONDS, left)
    limits = [str(math.ceil(limit)) for limit in (left, trial_seconds)]
    program = [sys.executable, "-P", "-m", "hpcpy_core.awareness.probe"]
    began = time.time()
    done = complete_tool([*words, *program, *limits, *operations], left, environ=environ)
    if done.returncode:
        here = [said for said in read_markers(done.stdout) if said.get("host") == platform.node()]
        sweep({name for said in here for name in said["shared"]}, began)
    return read_outcome(operations, done, trial_seconds)


def _list_rest(
    tried: Sequence[Operation], outcome: Outcome, failures: dict[Operation, str]
) -> list[Operation]:
    """Return what is to be tried yet; note in `failures` what is not to be tried at all."""
    stopped_by = outcome.stopped_by or tried[-1]
    hopeless = stopped_by == "p2p" and outcome.stopped_in != TO_ITSELF
    rest = []
    for name in tried[tried.index(stopped_by) + 1 :]:
        needed = "p2p" if hopeless else NEEDS.get(name)
        if needed in failures:
            failures[name] = f"not tried, because {needed} failed"
        else:
            rest.append(name)
    return rest


def _give_up(why: str, began: float) -> Verdict:
    return Verdict(
        failures=dict.fromkeys(OPERATIONS, why),
        library="this MPI",
        driver="",
        nodes=0,
        seconds=time.monotonic() - began,
        lasting=False,
    )
