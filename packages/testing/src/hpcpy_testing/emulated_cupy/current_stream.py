"""Streams and events of the emulated CuPy, and which stream is current."""

import math
from collections.abc import Callable
from time import perf_counter
from typing import Any

from hpcpy_testing.host_driver import HostDriver
from hpcpy_testing.host_queues import Work

__all__ = [
    "Event",
    "Graph",
    "Stream",
    "current_handle",
    "current_stream",
    "elapsed_time",
    "finish_current",
    "note",
]

stack: "list[Stream]" = []
"""The current stream is the last; the first is the default one. Empty: CuPy is not emulated."""


class Stream:
    """A queue of work, which is done when it is waited for. All of its methods are local.

    Attributes
    ----------
    ptr
        The driver's handle; 0 is the default stream.
    """

    def __init__(self, driver: HostDriver, ptr: int) -> None:
        self.driver = driver
        self.ptr = ptr

    def __enter__(self) -> "Stream":
        """Become the current stream."""
        stack.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        """Let the former one be current."""
        stack.remove(self)

    def use(self) -> "Stream":
        """Become the current stream from now on."""
        stack[-1] = self
        return self

    def synchronize(self) -> None:
        """Wait for all of its work."""
        self.driver.synchronize(self.ptr)

    def record(self, event: "Event | None" = None) -> "Event":
        """Mark the place, and return the mark."""
        event = event or Event()
        event.record(self)
        return event

    def wait_event(self, event: "Event") -> None:
        """Let what comes from now on wait for a mark."""
        self.driver.wait_in_stream(self.ptr, event.ptr)

    def begin_capture(self, mode: int | None = None) -> None:
        """Note what comes from now on, instead of doing it."""
        self.driver.queues.begin_capture(self.ptr)

    def end_capture(self) -> "Graph":
        """Return what was noted."""
        return Graph(self.driver.queues.end_capture(self.ptr))

    def is_capturing(self) -> bool:
        """Say whether work is noted."""
        return self.driver.queues.is_capturing(self.ptr)


class Graph:
    """Work that is launched as a whole."""

    def __init__(self, works: list[Work]) -> None:
        self._works = works

    def launch(self, stream: Stream | None = None) -> None:
        """Put it into a stream, or into the current one."""
        stream = stream or current_stream()
        for work in self._works:
            stream.driver.queues.add(stream.ptr, work)

    def upload(self, stream: Stream | None = None) -> None:
        """Do nothing: it is there."""


class Event:
    """A mark in a stream, whose time is known once it was waited for."""

    def __init__(
        self, block: bool = False, disable_timing: bool = False, interprocess: bool = False
    ) -> None:
        self._driver = current_stream().driver
        self.ptr = self._driver.make_event()
        self.timed = not disable_timing
        self.seconds = math.nan

    def record(self, stream: Stream | None = None) -> None:
        """Mark the place in a stream, or in the current one."""
        stream = stream or current_stream()
        self.seconds = math.nan
        self._driver.queues.add(stream.ptr, self._happen)
        self._driver.record(self.ptr, stream.ptr)

    def synchronize(self) -> None:
        """Wait for the work before it."""
        self._driver.wait(self.ptr)

    def _happen(self) -> None:
        self.seconds = perf_counter()


def elapsed_time(begin: Event, end: Event) -> float:
    """Return the milliseconds between two events. Local."""
    if not (begin.timed and end.timed):
        raise RuntimeError("cudaErrorInvalidResourceHandle: an event without timing")
    if math.isnan(begin.seconds) or math.isnan(end.seconds):
        raise RuntimeError("cudaErrorNotReady: device not ready")
    return 1e3 * (end.seconds - begin.seconds)


def current_stream() -> Stream:
    """Return the stream that work goes to. Local."""
    return stack[-1]


def current_handle() -> int:
    """Return its handle; 0, too, where CuPy is not emulated. Local."""
    return stack[-1].ptr if stack else 0


def finish_current() -> None:
    """Do the work in the current stream: an operation on arrays comes behind it. Local."""
    if not stack:
        return
    if current_stream().is_capturing():
        raise RuntimeError(
            "the emulation captures launches, copies and operations with out=, nothing else"
        )
    current_stream().driver.queues.finish(current_handle())


def note(work: Callable[[], Any]) -> None:
    """Do an operation on arrays that exist, or note it if the current stream is captured. Local."""
    if stack and current_stream().is_capturing():
        current_stream().driver.queues.add(current_handle(), work)
        return
    finish_current()
    work()
