"""What is profiled: some steps of a kernel on the slowest mode of a field. No MPI."""

from dataclasses import dataclass
from math import pi

import numpy as np

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels import Field, Step, find_kernel
from hpcpy_diffusion.parameters import Parameters

__all__ = ["Task", "prepare_task"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """Time steps, and the two fields between which they go."""

    step: Step
    u: Field
    out: Field
    r: float
    steps: int

    def run(self) -> None:
        """Take the steps. Local."""
        u, out = self.u, self.out
        for _ in range(self.steps):
            self.step(u, out, self.r)
            u, out = out, u


def prepare_task(kernel: str, parameters: Parameters, steps: int) -> Task:
    """Return steps of a kernel on fields of shape `Parameters.shape`. Local.

    The values do not matter to the time, but for numbers near 0, which some processors compute
    slowly: there are none.

    Raises
    ------
    InputError
        If the fields do not fit into memory.
    """
    wave = np.sin(pi * np.arange(parameters.points + 2) / (parameters.points + 1))
    wave[[0, -1]] = 0.0
    try:
        u = np.multiply.outer(wave, wave).astype(parameters.dtype)
        out = u.copy()
    except MemoryError as error:
        raise InputError(
            f"dx = {parameters.dx:g}: a grid of {parameters.points}^2 points does not fit into "
            "memory: use a larger dx"
        ) from error
    return Task(step=find_kernel(kernel).load(), u=u, out=out, r=parameters.fourier, steps=steps)
