"""The checkpoints of a run: where it starts from, when it writes, and how it stops."""

from collections.abc import Callable
from pathlib import Path

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_diffusion.catch_sigusr1 import StopRequest
from hpcpy_diffusion.every import Every
from hpcpy_diffusion.finite import require_finite
from hpcpy_diffusion.lookout import Lookout
from hpcpy_diffusion.parameters import FIXED, Parameters
from hpcpy_diffusion.result import Frame
from hpcpy_mpiio import Checkpoint
from hpcpy_mpiio.checkpoints.restore_checkpoint import Restored

__all__ = ["NEVER", "Checkpointing", "StoppedError"]

NEVER = -1
"""A step that does not come."""


class StoppedError(HpcpyError):
    """The run has stopped before its end, as it was asked to, and can be continued."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h: try again
    """So that a batch script can tell it from failure, and submit the job again."""


class Checkpointing:
    """What `hpcpy_diffusion.run` asks about checkpoints. Creation is local.

    Parameters
    ----------
    parameters
        Of the run.
    comm
        All of its ranks must call every method.
    source
        Whose newest valid checkpoint the run starts from; None starts at step 0.
    target
        Where checkpoints are written; None for nowhere.
    every
        How often; None for only when asked to stop.
    request
        This rank's SIGUSR1, where it is caught.
    tell
        Takes what is to be said, a line at a time, on rank 0.
    continued_by
        What the user does to continue a run that was stopped.
    """

    def __init__(
        self,
        parameters: Parameters,
        comm: MPI.Intracomm,
        *,
        source: Checkpoint | None = None,
        target: Checkpoint | None = None,
        every: Every | None = None,
        request: StopRequest | None = None,
        tell: Callable[[str], None] = lambda line: None,
        continued_by: str = "restore that checkpoint",
    ) -> None:
        self._parameters, self._comm = parameters, comm
        self._source, self._target = source, target
        self._lookout = Lookout(comm, every, request or StopRequest())
        self._tell = tell if comm.rank == 0 else lambda line: None
        self._continued_by = continued_by

    def restore(self, decomposition: Decomposition) -> Restored | None:
        """Return where the run starts from, None for its initial condition. Collective over comm.

        Raises
        ------
        InputError
            On every rank: there is no checkpoint, it is of another problem, or lies
            beyond the end of this run.
        FileError
            On every rank: no checkpoint is valid.
        """
        if self._source is None:
            return None
        parameters = self._parameters
        restored = self._source.restore(
            {"u": parameters.dtype}, decomposition, parameters=self._fixed()
        )
        for name, reason in restored.skipped:
            self._tell(f"skipped {name}: {reason}")
        with agreed(self._comm):
            if restored.step > parameters.steps:
                raise InputError(
                    f"runtime = {parameters.runtime:g} ends at step {parameters.steps}, but "
                    f"{restored.path} is at step {restored.step}, t = {restored.time:.4g}: "
                    "give a longer runtime"
                )
        self._tell(f"restarted from {restored.path}, t = {restored.time:.4g}")
        return restored

    def start(self, step: int) -> int:
        """Start the clocks before the first step; return the step to `look` after. Local."""
        return NEVER if self._target is None else self._lookout.start(step)

    def look(self, frame: Frame) -> int:
        """Write a checkpoint if one is due; return the step to look after. Collective over comm.

        Raises
        ------
        StoppedError
            On every rank, if any was asked to stop; the checkpoint is written then.
        FileError
            On every rank, if it could not be written.
        NotFiniteError
            On every rank, if the field is not finite: those that are there stay.
        """
        decision = self._lookout.decide(frame.step)
        if decision.write:
            path = self._write(frame)
            self._lookout.written()
            if decision.stop:
                with agreed(self._comm):
                    raise StoppedError(
                        f"stopped by SIGUSR1 at step {frame.step} of {self._parameters.steps}, "
                        f"which is saved in {path}: to continue, {self._continued_by}"
                    )
        return decision.next_look

    def _write(self, frame: Frame) -> Path:
        assert self._target is not None
        require_finite(frame.block, frame.step, self._comm)
        return self._target.write(
            frame.step,
            frame.time,
            {"u": frame.block},
            frame.decomposition,
            parameters=self._fixed(),
        )

    def _fixed(self) -> dict[str, object]:
        return {name: getattr(self._parameters, name) for name in FIXED}
