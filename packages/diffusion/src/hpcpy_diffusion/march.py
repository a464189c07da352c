"""The march through time: from event to event, in as many steps at once as the halo allows."""

from collections.abc import Callable
from time import perf_counter
from typing import Protocol

from hpcpy_diffusion.device_pair import DevicePair
from hpcpy_diffusion.events import Events
from hpcpy_diffusion.field_pair import FieldPair
from hpcpy_diffusion.halo import Exchange
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.plain_pair import PlainPair
from hpcpy_diffusion.plan import Plan
from hpcpy_diffusion.result import Frame

__all__ = ["Show", "march"]


class Show(Protocol):
    """Brings the padded block to the host, in the plain layout, or a part of it."""

    def __call__(self, *cuts: tuple[slice, ...]) -> Field:
        """Return what the cuts leave, each of what the one before has left."""


class Clock:
    """Where the time goes, in seconds: each `lap` counts the time since the one before."""

    def __init__(self, *names: str) -> None:
        self.seconds = dict.fromkeys(("total", *names), 0.0)
        self._last = perf_counter()

    def lap(self, name: str) -> None:
        """Count the time since the last lap as this one's."""
        now = perf_counter()
        self.seconds[name] += now - self._last
        self.seconds["total"] += now - self._last
        self._last = now


def march(
    pair: FieldPair,
    exchange: Exchange,
    plan: Plan,
    events: Events,
    make_frame: Callable[[int, Show], Frame],
    *,
    first: int,
    last: int,
    on_step: Callable[[int], None] | None,
) -> tuple[Frame, dict[str, float]]:
    """Take the time steps from `first` to `last`. Collective over the ranks of the exchange.

    Parameters
    ----------
    pair
        Its memory is filled with the field of step `first`.
    exchange
        Brings the news that the pair needs for ``plan.chunk`` steps.
    plan, first, last
        The same on every rank.
    events
        They divide the way, and get the frames.
    make_frame
        Makes a frame of a step and a function that shows the padded block, or a part of it.
    on_step
        Called with the number of steps done, after one or several.

    Returns
    -------
    Frame, dict
        The field at the end, and this rank's seconds. That the pair takes the field over
        and shows it counts as what the pair says.
    """
    clock = Clock(*dict.fromkeys(("compute", "halo", pair.conversion, "output")))

    def show(*cuts: tuple[slice, ...]) -> Field:
        clock.lap("output")
        if len(cuts) > 1 and isinstance(pair, DevicePair):
            block = pair.show_part(*cuts)
        else:
            block = pair.show()
            for cut in cuts:
                block = block[cut]
        clock.lap(pair.conversion)
        return block

    pair.begin()
    clock.lap(pair.conversion)
    frame = make_frame(first, show)
    events.serve(frame)
    while frame.step < last:
        done, stop = frame.step, events.next(frame.step)
        while done < stop:
            steps = min(plan.chunk, stop - done)
            clock.lap("output")
            if plan.overlap and steps == plan.depth and isinstance(pair, PlainPair | DevicePair):
                _step_overlapped(pair, exchange, clock)
            else:
                exchange.start()
                exchange.finish()
                clock.lap("halo")
                pair.advance(steps)
                clock.lap("compute")
            done += steps
            if on_step is not None:
                on_step(done)
        frame = make_frame(done, show)
        events.serve(frame)
    _ = frame.block  # brought into the plain layout while the clock runs
    clock.lap("output")
    return frame, clock.seconds


def _step_overlapped(pair: PlainPair | DevicePair, exchange: Exchange, clock: Clock) -> None:
    """Compute the inside while the halo is on its way, then what is next to it.

    A device computes by itself once it was told to: so it is told before the halo is sent.
    """
    if pair.asynchronous:
        pair.advance_inside()
        clock.lap("compute")
    exchange.start()
    clock.lap("halo")
    if not pair.asynchronous:
        pair.advance_inside()
        clock.lap("compute")
    exchange.finish()
    clock.lap("halo")
    pair.advance_rim()
    clock.lap("compute")
