"""The output directory of a run: field, frames, report, pictures, sidecars for ParaView."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.errors import InputError
from hpcpy_core.report import write_report
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.result import Frame, Result
from hpcpy_diffusion.save_thinned import save_thinned
from hpcpy_diffusion.thin import find_stride
from hpcpy_mpiio import save

__all__ = ["OutputDirectory", "prepare_output"]


@dataclass(frozen=True)
class OutputDirectory:
    """Names of the files of a run, and how each is written."""

    path: Path
    comm: MPI.Intracomm
    stride: int = 1
    """Of the rows and columns that frames have: 1 is all of them."""

    @property
    def field(self) -> Path:
        """The whole field at the end, boundary included."""
        return self.path / "field.npy"

    @property
    def frames(self) -> Path:
        """One field for each frame: every `stride`-th row and column of it."""
        return self.path / "frames"

    @property
    def report(self) -> Path:
        """What ran where, and how fast."""
        return self.path / "report.json"

    @property
    def picture(self) -> Path:
        """The field at the end."""
        return self.path / "field.png"

    @property
    def animation(self) -> Path:
        """All frames."""
        return self.path / "animation.gif"

    @property
    def field_sidecar(self) -> Path:
        """From which ParaView opens the field."""
        return self.path / "field.xdmf"

    @property
    def frames_sidecar(self) -> Path:
        """From which ParaView opens all frames, as a series in time."""
        return self.path / "frames.xdmf"

    def frame(self, step: int) -> Path:
        """Return the file of the frame after so many steps."""
        return self.frames / f"step-{step:09d}.npy"

    def list_frames(self, parameters: Parameters) -> list[tuple[float, Path]]:
        """Return time and file of every frame."""
        return [(step * parameters.dt, self.frame(step)) for step in parameters.frame_steps]

    def existing(self) -> Iterator[Path]:
        """Iterate over what an earlier run left here."""
        pictures = (self.picture, self.animation)
        for path in (self.field, self.report, *pictures, self.field_sidecar, self.frames_sidecar):
            if path.exists():
                yield path
        yield from self.frames.glob("step-*.npy")

    def write_frame(self, frame: Frame) -> None:
        """Write one frame, thinned if need be. Collective over the ranks of the run."""
        path = self.frame(frame.step)
        if self.stride > 1:
            save_thinned(path, frame, self.stride, self.comm)
        else:
            save(path, frame.block, frame.decomposition, self.comm, overwrite=True)

    def write_result(
        self, result: Result, report: dict[str, Any], *, plot: bool, xdmf: bool = False
    ) -> None:
        """Write field, report and what else is asked for. Collective over the ranks of the run."""
        result.save(self.field, overwrite=True)
        with on_root(self.comm) as root:
            if root:
                write_report(self.report, report)
                if plot:
                    self._draw(result.parameters)
                if xdmf:
                    self._describe(result.parameters)

    def _draw(self, parameters: Parameters) -> None:
        from hpcpy_diffusion.draw import draw_animation, draw_densities

        end = parameters.steps * parameters.dt
        draw_densities(self.picture, parameters, [(end, self.field)])
        if parameters.frame_steps:
            draw_animation(self.animation, parameters, self.list_frames(parameters))

    def _describe(self, parameters: Parameters) -> None:
        from hpcpy_mpiio.sidecar.write_xdmf import write_xdmf

        end = parameters.steps * parameters.dt
        for sidecar, series, stride in (
            (self.field_sidecar, [(end, self.field)], 1),
            (self.frames_sidecar, self.list_frames(parameters), self.stride),
        ):
            if series:
                write_xdmf(
                    sidecar,
                    [(time, {"density": file}) for time, file in series],
                    origin=(parameters.x1 - parameters.spacing,) * 2,  # where the boundary is
                    spacing=(stride * parameters.spacing,) * 2,
                    overwrite=True,
                )


def prepare_output(
    path: Path,
    parameters: Parameters,
    comm: MPI.Intracomm,
    *,
    overwrite: bool,
    full_frames: bool = False,
) -> OutputDirectory:
    """Make the directory, and see before the run that it can be written. Collective over comm.

    Files of an earlier run that this run does not write are removed with
    `overwrite`, lest old frames pass for new ones.

    Parameters
    ----------
    full_frames
        Whether frames are whole, however large; else those of large fields are thinned, by
        `hpcpy_diffusion.thin.find_stride`.

    Raises
    ------
    InputError
        On every rank, if it cannot be written, or holds a run and `overwrite` is False.
    """
    output = OutputDirectory(path, comm, 1 if full_frames else find_stride(parameters.shape))
    with on_root(comm) as root:
        if root:
            try:
                path.mkdir(parents=True, exist_ok=True)
                probe = path / ".hpcpy-probe"
                probe.touch()
                probe.unlink()
                old = list(output.existing())
                if old and not overwrite:
                    raise InputError(
                        f"output {path} holds an earlier run ({old[0].name}): give --overwrite, "
                        "or another --output"
                    )
                for file in old:
                    if file not in (output.field, output.report):
                        file.unlink()
                if parameters.frame_steps:
                    output.frames.mkdir(exist_ok=True)
            except OSError as error:
                raise InputError(f"output {path} cannot be written: {error.strerror}") from error
    return output
