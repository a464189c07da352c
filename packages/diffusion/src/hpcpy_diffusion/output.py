"""The output directory of a run: field, frames, report, pictures, sidecars for ParaView."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.report import write_report
from hpcpy_diffusion.finite import require_finite
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.result import Frame, Result
from hpcpy_diffusion.save_thinned import save_thinned
from hpcpy_mpiio import save

__all__ = ["OutputDirectory"]


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

    def write_frame(self, frame: Frame) -> None:
        """Write one frame, thinned if need be. Collective over the ranks of the run."""
        path = self.frame(frame.step)
        if self.stride > 1:
            save_thinned(path, frame, self.stride, self.comm)
        else:
            require_finite(frame.block, frame.step, self.comm)
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
