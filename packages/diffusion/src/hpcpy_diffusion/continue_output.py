"""The output directory of a run that is continued: what stays, and what must be there."""

from pathlib import Path

from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.errors import InputError
from hpcpy_diffusion.output import OutputDirectory
from hpcpy_diffusion.parameters import Parameters

__all__ = ["continue_output", "is_finished", "require_frames"]


def is_finished(path: Path, comm: MPI.Intracomm) -> bool:
    """Tell whether an output directory holds a run that came to its end. Collective over comm."""
    finished: bool = comm.bcast(OutputDirectory(path, comm).field.exists(), root=0)
    return finished


def continue_output(path: Path, parameters: Parameters, comm: MPI.Intracomm) -> OutputDirectory:
    """Take over the output directory of the run that is continued. Collective over comm.

    Its frames stay, but for those which this run does not have.

    Raises
    ------
    InputError
        On every rank, if it cannot be written.
    """
    output = OutputDirectory(path, comm)
    with on_root(comm) as is_root:
        if is_root:
            wanted = {output.frame(step) for step in parameters.frame_steps}
            try:
                path.mkdir(parents=True, exist_ok=True)
                if wanted:
                    output.frames.mkdir(exist_ok=True)
                for old in output.frames.glob("step-*.npy"):
                    if old not in wanted:
                        old.unlink()
            except OSError as error:
                raise InputError(f"output {path} cannot be written: {error.strerror}") from error
    return output


def require_frames(output: OutputDirectory, parameters: Parameters, step: int) -> None:
    """See that the frames before a restart are there to be drawn. Collective over comm.

    Raises
    ------
    InputError
        On every rank, if one is missing.
    """
    with on_root(output.comm) as is_root:
        if is_root:
            for due in parameters.frame_steps:
                if due < step and not output.frame(due).exists():
                    raise InputError(
                        f"the frame {output.frame(due)} of the time before the restart is not "
                        "there to be drawn: give the --output and outtime of that run, or --no-plot"
                    )
