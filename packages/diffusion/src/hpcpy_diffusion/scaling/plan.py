"""Which problem is solved on how many ranks, in strong and in weak scaling. No MPI."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Literal, get_args

from hpcpy_core.errors import InputError
from hpcpy_diffusion.parameters import Parameters

__all__ = ["MODES", "Case", "Mode", "plan_cases"]

Mode = Literal["strong", "weak"]

MODES: tuple[Mode, ...] = get_args(Mode)

CHANGED = ("dx", "runtime", "outtime")
"""Parameters that differ from the user's in some case; frames would only disturb."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One problem on one number of ranks."""

    mode: Mode
    ranks: int
    parameters: Parameters

    def __str__(self) -> str:
        """Return a few words."""
        return f"{self.mode}, {count_ranks(self.ranks)}"

    @property
    def overrides(self) -> list[str]:
        """What ``--set`` must say on top of the user's problem, each as ``name=value``."""
        return [f"{name}={getattr(self.parameters, name)!r}" for name in CHANGED]


def plan_cases(base: Parameters, modes: Sequence[Mode], ranks: Sequence[int]) -> list[Case]:
    """Return the cases of all modes, each from the fewest ranks to the most. Local.

    In strong scaling all ranks together solve `base`. In weak scaling the fewest do, and the
    side of the grid grows with the square root of the ranks: the points of a rank stay as
    many as a whole number of points a side allows, and so do the steps.

    Raises
    ------
    InputError
        If the grid cannot grow, or there is no step to measure.
    """
    if not base.steps:
        raise InputError(f"runtime = {base.runtime:g}: is shorter than a step, {base.dt:.4g}")
    if "weak" in modes and base.initial.endswith(".npy"):
        raise InputError(
            f"initial = {base.initial} has one size, and weak scaling needs several: "
            "give --mode strong, or another initial"
        )
    return [
        Case(mode=mode, ranks=count, parameters=_adapt(base, mode, count / ranks[0]))
        for mode in modes
        for count in ranks
    ]


def count_ranks(ranks: int) -> str:
    """Return ``1 rank`` or ``2 ranks``."""
    return f"{ranks} rank{'s' if ranks > 1 else ''}"


def _adapt(base: Parameters, mode: Mode, factor: float) -> Parameters:
    """Return the problem without frames; if it is weak, with `factor` times as many points."""
    if mode == "strong":
        return replace(base, outtime=0.0)
    points = round(base.points * sqrt(factor))
    finer = replace(base, dx=(base.x2 - base.x1) / points, runtime=0.0, outtime=0.0)
    return replace(finer, runtime=(base.steps + 0.5) * finer.dt)  # as many steps
