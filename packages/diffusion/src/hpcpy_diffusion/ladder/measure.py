"""Time cases in turn, each with as many steps as fit into a given time."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from time import perf_counter
from types import MappingProxyType

from hpcpy_core.timing import Timing

__all__ = ["Case", "Measured", "choose_steps", "excess_of_first_call", "measure_ladder"]

Case = Callable[[int], float]
"""Takes so many steps and returns their seconds, which are the same on all ranks. Collective."""

GROWTH = 8
PATIENCE = 10
NEARLY_ALL = 0.75
"""Of the problem's steps: where so many fit into the time, all are taken."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured of one case.

    Attributes
    ----------
    steps
        Of each repeat.
    timing
        Seconds of the repeats.
    warm_up
        Seconds that the first call took more than the second: import, compilation.
    """

    steps: int
    timing: Timing
    warm_up: float

    def speed(self, cells: int) -> tuple[float, float, float]:
        """Return median, lower and upper quartile of 10^9 cell updates per second."""
        updates = cells * self.steps * 1e-9
        lower, upper = self.timing.quartiles
        return updates / self.timing.median, updates / upper, updates / lower


def measure_ladder(
    cases: Mapping[str, Case],
    *,
    most: int,
    seconds: float,
    repeats: int,
    patient: Collection[str] = (),
    warm_up: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, Measured]:
    """Time the cases in turn, A B C A B C, so that drift hits all alike. Collective.

    Parameters
    ----------
    cases
        By name; every rank calls each, in the same order.
    most
        Steps that a repeat takes at most: the problem's own number.
    seconds
        That a repeat is to take; a case that cannot take `most` steps in it takes fewer.
    repeats
        Of each case, after the trials by which the numbers of steps were chosen.
    patient
        Cases that may take `PATIENCE` times as long: those that change the layout once
        in a run, which must not count for more here than it does in all of the steps.
    warm_up
        Seconds of warm-up that some cases have already had.
    """
    first = {name: excess_of_first_call(case) for name, case in cases.items()}
    steps = {
        name: choose_steps(case, most, seconds * (PATIENCE if name in patient else 1))
        for name, case in cases.items()
    }
    measured: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, case in cases.items():
            measured[name].append(case(steps[name]))
    return {
        name: Measured(
            steps=steps[name],
            timing=Timing(seconds=tuple(measured[name])),
            warm_up=first[name] + warm_up.get(name, 0.0),
        )
        for name in cases
    }


def excess_of_first_call(case: Case) -> float:
    """Return by how many seconds the first call of one step is longer than the second."""
    walls = []
    for _ in range(2):
        begin = perf_counter()
        case(1)
        walls.append(perf_counter() - begin)
    return max(0.0, walls[0] - walls[1])


def choose_steps(case: Case, most: int, seconds: float) -> int:
    """Return how many steps take about so many seconds, at most `most`. Collective.

    It tries more and more steps: those of a kernel that prepares its memory first, or that
    takes many steps at once, take less time where they are many.
    """
    steps = 1
    while (taken := case(steps)) < seconds / 4 and steps < most:
        steps = min(most, GROWTH * steps)
    fitting = round(steps * seconds / max(taken, 1e-9))
    return most if fitting >= NEARLY_ALL * most else max(1, fitting)
