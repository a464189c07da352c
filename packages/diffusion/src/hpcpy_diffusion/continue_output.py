"""The output directory of a run that is continued: what stays, and what must be there."""

from pathlib import Path

from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.decomposition import Block
from hpcpy_core.errors import InputError
from hpcpy_diffusion.output import OutputDirectory
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.thin import find_stride, thin_block
from hpcpy_mpiio.header import read_header

__all__ = ["continue_output", "is_finished", "require_frames"]


def is_finished(path: Path, comm: MPI.Intracomm) -> bool:
    """Tell whether an output directory holds a run that came to its end. Collective over comm."""
    finished: bool = comm.bcast(OutputDirectory(path, comm).field.exists(), root=0)
    return finished


def continue_output(
    path: Path, parameters: Parameters, comm: MPI.Intracomm, *, full_frames: bool = False
) -> OutputDirectory:
    """Take over the output directory of the run that is continued. Collective over comm.

    Its frames stay, but for those which this run does not have.

    Parameters
    ----------
    full_frames
        As for `hpcpy_diffusion.output.prepare_output`.

    Raises
    ------
    InputError
        On every rank, if it cannot be written, or its frames are whole where those of this
        run are thinned, or the other way round.
    FileError
        On every rank, if a frame there cannot be read.
    """
    thinned = find_stride(parameters.shape)
    output = OutputDirectory(path, comm, 1 if full_frames else thinned)
    with on_root(comm) as is_root:
        if is_root:
            wanted = {output.frame(step) for step in parameters.frame_steps}
            try:
                path.mkdir(parents=True, exist_ok=True)
                if wanted:
                    output.frames.mkdir(exist_ok=True)
                for old in sorted(output.frames.glob("step-*.npy")):
                    if old not in wanted:
                        old.unlink()
                    elif thinned > 1:
                        _require_alike(old, parameters, thinned, full_frames=full_frames)
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


def _require_alike(old: Path, parameters: Parameters, stride: int, *, full_frames: bool) -> None:
    """Refuse to put whole frames beside thinned ones: a picture of both would be wrong. Local."""
    whole = Block(start=(0, 0), stop=parameters.shape)
    shape = read_header(old).shape
    if full_frames and shape == thin_block(whole, stride).shape:
        raise InputError(
            f"--full-frames: the run that is continued has thinned its frames ({old}): leave "
            "--full-frames out, or give another --output"
        )
    if not full_frames and shape == whole.shape:
        raise InputError(
            f"the run that is continued has whole frames ({old}): give --full-frames, or another "
            "--output"
        )
