"""The problem in Devito: the equation as symbols, C code made of it and compiled."""

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import devito
import numpy as np

from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.ladder.start_field import start_field
from hpcpy_diffusion.parameters import Parameters

__all__ = ["prepare"]


@dataclass(frozen=True, kw_only=True)
class InDevito:
    """See `hpcpy_diffusion.ladder.timed`."""

    parameters: Parameters
    start: Field
    u: Any
    operator: Any

    def __call__(self, steps: int) -> float:
        """Return the seconds. Local."""
        self.u.data[:] = self.start
        begin = perf_counter()
        self.operator.apply(time_M=steps - 1, dt=self.parameters.dt)
        return perf_counter() - begin

    def whole(self, steps: int) -> Field:
        """Return the field, shape (n+2, n+2). Local."""
        self(steps)
        return np.array(self.u.data[steps % 2])


def prepare(parameters: Parameters) -> InDevito:
    """Return the problem. Local; Devito compiles at the first call."""
    devito.configuration["log-level"] = "ERROR"
    extent = (parameters.points + 1) * parameters.spacing
    grid = devito.Grid(
        shape=parameters.shape, extent=(extent, extent), dtype=np.dtype(parameters.dtype).type
    )
    u = devito.TimeFunction(name="u", grid=grid, time_order=1, space_order=2)
    solved = devito.solve(devito.Eq(u.dt, parameters.D * u.laplace), u.forward)
    # The boundary is left at zero in both of its time levels.
    operator = devito.Operator([devito.Eq(u.forward, solved, subdomain=grid.interior)])
    start = start_field(parameters)
    return InDevito(parameters=parameters, start=start, u=u, operator=operator)
