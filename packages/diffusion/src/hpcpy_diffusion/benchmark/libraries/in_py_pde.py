"""The problem in py-pde: its diffusion equation, stepped by its explicit Euler solver."""

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import pde

from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.ladder.start_field import start_field
from hpcpy_diffusion.parameters import Parameters

__all__ = ["prepare"]


@dataclass(frozen=True, kw_only=True)
class InPyPde:
    """See `hpcpy_diffusion.ladder.timed`."""

    parameters: Parameters
    start: Field
    field: Any
    stepper: Any

    def __call__(self, steps: int) -> float:
        """Return the seconds. Local."""
        self.field.data[...] = self.start[1:-1, 1:-1]
        begin = perf_counter()
        self.stepper(self.field, 0.0, steps * self.parameters.dt)
        return perf_counter() - begin

    def whole(self, steps: int) -> Field:
        """Return the field, shape (n+2, n+2). Local."""
        self(steps)
        return np.pad(self.field.data, 1)


def prepare(parameters: Parameters) -> InPyPde:
    """Return the problem. Local; py-pde compiles here."""
    width = parameters.x2 - parameters.x1
    grid = pde.CartesianGrid([[0, width], [0, width]], parameters.points)
    start = start_field(parameters)
    field = pde.ScalarField(grid, start[1:-1, 1:-1].copy(), dtype=start.dtype)
    # Its cells end at the square's rim; our boundary is the next point outside of it.
    equation = pde.DiffusionPDE(diffusivity=parameters.D, bc={"virtual_point": 0})
    solver = pde.EulerSolver(equation, backend="numba")
    stepper = solver.make_stepper(field, dt=parameters.dt)
    return InPyPde(parameters=parameters, start=start, field=field, stepper=stepper)
