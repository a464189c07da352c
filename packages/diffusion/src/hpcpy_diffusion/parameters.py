"""The parameters of a diffusion problem, checked, and the numbers that follow from them."""

import math
import os
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np

from hpcpy_core.errors import InputError
from hpcpy_core.numbers import as_real
from hpcpy_diffusion.frame_steps import FrameSteps

__all__ = ["FIXED", "STABILITY_BOUND", "Parameters"]

FIXED = ("D", "x1", "x2", "dx", "fourier", "dtype", "initial")
"""Parameters that a restart must have alike; the others may change, for a longer run."""

STABILITY_BOUND = 0.25
"""Largest stable mesh Fourier number of the explicit 5-point scheme in two dimensions."""

SMALLEST_GRID = 3
LARGEST_GRID = 2**31 - 3  # MPI counts the points of a side, boundary included, in an int
MOST_STEPS = 1e15


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """du/dt = D (u_xx + u_yy) on the square [x1, x2]^2, u = 0 at its rim.

    The defaults are the course notes' case. Names are theirs.

    Parameters
    ----------
    D
        Diffusion coefficient, in length^2/time.
    x1, x2
        The square's lower and upper bound along both axes, in length.
    runtime
        Simulated time. The last step ends at it or just before.
    dx
        Wanted mesh width; the width used is the next larger one that divides
        x2 - x1 (see `spacing`).
    outtime
        Simulated time between two frames; 0 for none.
    graphics
        Draw pictures of the result.
    fourier
        Mesh Fourier number r = D dt/dx^2, which sets the time step.
    dtype
        Of the field and of its arithmetic.
    initial
        ``four-peak``, ``mode``, ``point``, or a .npy file with the whole field,
        boundary included.

    Raises
    ------
    InputError
        If a value is out of its range.
    """

    D: float = 1.0
    x1: float = -10.0
    x2: float = 10.0
    runtime: float = 15.0
    dx: float = 0.0667
    outtime: float = 0.0
    graphics: bool = False
    fourier: float = STABILITY_BOUND
    dtype: Literal["float64", "float32"] = "float64"
    initial: str = "four-peak"

    def __post_init__(self) -> None:
        """Check every value; the first that cannot work is named."""
        for field in fields(self):
            value = _plain(field.name, type(field.default), getattr(self, field.name))
            object.__setattr__(self, field.name, value)
            if isinstance(value, float) and not math.isfinite(value):
                raise InputError(f"{field.name} = {value}: must be a finite number")
        self._require("D", self.D > 0, "must be above 0")
        self._require("x2", self.x2 > self.x1, f"must be above x1 = {self.x1:g}")
        self._require("dx", self.dx > 0, "must be above 0")
        self._require("runtime", self.runtime >= 0, "must not be negative")
        self._require("outtime", self.outtime >= 0, "must not be negative; 0 means no frames")
        self._require("fourier", self.fourier > 0, "must be above 0")
        self._require(
            "fourier",
            self.fourier <= STABILITY_BOUND,
            f"is unstable: the explicit scheme needs D dt/dx^2 <= {STABILITY_BOUND}",
        )
        self._require("dtype", self.dtype in ("float64", "float32"), "is not float64 or float32")
        self._require("x2", math.isfinite(self.x2 - self.x1), f"is too far from x1 = {self.x1:g}")
        self._require(
            "dx",
            (self.x2 - self.x1) / self.dx <= LARGEST_GRID,
            f"gives a grid of more than {LARGEST_GRID} points a side, too large",
        )
        self._require(
            "dx",
            self.points >= SMALLEST_GRID,
            f"gives a grid of {self.points} interior points a side, too small: it needs "
            f"{SMALLEST_GRID}, so dx must be at most {(self.x2 - self.x1) / SMALLEST_GRID:g}",
        )
        self._require(
            "dx",
            0 < self.spacing * self.spacing < math.inf,
            f"has a square beyond what float64 holds (the spacing is {self.spacing:g}): choose a "
            "unit of length nearer to it",
        )
        self._require(
            "D",
            math.isfinite(self.dt),
            "gives a time step beyond what float64 holds: choose a unit of time nearer to it",
        )
        self._require(
            "runtime",
            self.dt > 0 and self.runtime / self.dt <= MOST_STEPS,
            f"needs more than {MOST_STEPS:g} time steps of {self.dt:.4g}",
        )
        if self.outtime:
            self._require(
                "outtime", self.outtime >= self.dt, f"is shorter than a time step, {self.dt:.4g}"
            )

    def _require(self, name: str, holds: bool, words: str) -> None:
        if not holds:
            raise InputError(f"{name} = {getattr(self, name)!s:.60}: {words}")

    @cached_property
    def points(self) -> int:
        """Interior points a side, n."""
        return _whole((self.x2 - self.x1) / self.dx)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the whole field, boundary included."""
        return self.points + 2, self.points + 2

    @property
    def spacing(self) -> float:
        """Mesh width used, (x2 - x1)/n, in length."""
        return (self.x2 - self.x1) / self.points

    @property
    def dt(self) -> float:
        """Time step, r dx^2/D."""
        return self.fourier * (self.spacing * self.spacing) / self.D  # ** raises where it overflows

    @cached_property
    def steps(self) -> int:
        """Number of time steps."""
        return _whole(self.runtime / self.dt)

    @cached_property
    def frame_steps(self) -> FrameSteps:
        """Steps after which a frame is due: the step nearest to each multiple of outtime."""
        count = _whole(self.runtime / self.outtime) + 1 if self.outtime else 0
        return FrameSteps(count, self.outtime, self.dt, self.steps)

    def as_dict(self) -> dict[str, Any]:
        """Return what was chosen and what follows from it, as plain JSON values."""
        chosen = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            **chosen,
            "points": self.points,
            "spacing": self.spacing,
            "dt": self.dt,
            "steps": self.steps,
        }


def _whole(quotient: float) -> int:
    """Round down, but take 2.9999999999 for the 3 that decimal input meant."""
    return math.floor(quotient * (1 + 1e-12))


def _plain(name: str, wanted: type, value: object) -> object:
    """Return a value as Python's own number, truth value or text: that is what files take."""
    if wanted is float:
        return as_real(value, name)
    if wanted is bool:
        if isinstance(value, bool | np.bool_):
            return bool(value)
        raise InputError(f"{name} = {value!r}: is not True or False")
    if name == "dtype" and not isinstance(value, str):
        try:
            value = np.dtype(value).name  # type: ignore[call-overload]
        except TypeError:
            raise InputError(f"dtype = {value!r}: is not float64 or float32") from None
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if not isinstance(value, str):
        raise InputError(f"{name} = {value!r}: is not a text")
    if not value.isprintable():  # nor can a file have such a name, or a report hold it
        raise InputError(f"{name} = {value[:60]!r}: holds characters that cannot be printed")
    return str(value)
