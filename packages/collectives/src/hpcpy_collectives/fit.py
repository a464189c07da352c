"""Fit Hockney's model T(n) = alpha + n beta to measured times."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from hpcpy_core.errors import InputError

__all__ = ["Fit", "fit_hockney"]


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A fitted line and how well it fits.

    Attributes
    ----------
    alpha
        Seconds of a message of no length.
    beta
        Seconds of every byte.
    residuals
        By size in bytes: measured over fitted time, less 1.
    """

    alpha: float
    beta: float
    residuals: dict[int, float]

    @property
    def rms(self) -> float:
        """Root of the mean square of the residuals."""
        return sqrt(sum(value**2 for value in self.residuals.values()) / len(self.residuals))

    @property
    def worst(self) -> int:
        """Size whose time is farthest from the fit."""
        return max(self.residuals, key=lambda size: abs(self.residuals[size]))


def fit_hockney(seconds: Mapping[int, float]) -> Fit:
    """Fit a line by least squares of relative errors. Local.

    Every time is weighted with its inverse square: else the few largest messages
    alone would determine the line, and alpha would be noise.

    Parameters
    ----------
    seconds
        Time of one message by its size in bytes.

    Raises
    ------
    InputError
        For fewer than two sizes, or where the line would have a negative constant.
    """
    if len(seconds) < 2:
        raise InputError(
            f"a line needs two sizes at least, and there are {len(seconds)}: "
            "measure with --sizes 1:4M"
        )
    weights = {size: 1 / time**2 for size, time in seconds.items()}
    total = sum(weights.values())
    middle = sum(weight * size for size, weight in weights.items()) / total
    height = sum(weight * seconds[size] for size, weight in weights.items()) / total
    spread = sum(weight * (size - middle) ** 2 for size, weight in weights.items())
    lean = sum(
        weight * (size - middle) * (seconds[size] - height) for size, weight in weights.items()
    )
    beta = lean / spread
    alpha = height - beta * middle
    if alpha <= 0 or beta <= 0:
        raise InputError(
            f"the fit gives alpha = {alpha:.3g} s and beta = {beta:.3g} s/B, which no network has: "
            "measure more sizes, such as --sizes 1:4M, on a machine that is otherwise idle"
        )
    return Fit(
        alpha=alpha,
        beta=beta,
        residuals={size: time / (alpha + beta * size) - 1 for size, time in seconds.items()},
    )
