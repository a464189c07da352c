"""Streams whose work is done when somebody waits for it, and not before."""

from collections import deque
from collections.abc import Callable

from hpcpy_core.cuda_driver import CudaError

__all__ = ["HostQueues", "Work"]

LEGACY = 1
"""What an array's interface calls the default stream, whose handle is 0."""

Work = Callable[[], object]


class HostQueues:
    """The work in each stream, by the stream's handle. All of its methods are local."""

    def __init__(self) -> None:
        self._queues: dict[int, deque[tuple[int, Work]]] = {}
        self._turn = 0
        self._events: dict[int, tuple[int, int]] = {}
        self._captured: dict[int, list[Work]] = {}

    def add(self, stream: int, work: Work) -> None:
        """Put work behind what is in a stream, or into the graph that is made of it."""
        stream = _name(stream)
        if stream in self._captured:
            self._captured[stream].append(work)
            return
        self._turn += 1
        self._queues.setdefault(stream, deque()).append((self._turn, work))

    def finish(self, stream: int) -> None:
        """Do the work in a stream."""
        self._refuse_capturing(stream, "cuStreamSynchronize")
        self._finish(_name(stream), self._turn)

    def finish_all(self) -> None:
        """Do the work in all streams."""
        for stream in list(self._queues):
            self.finish(stream)

    def record(self, event: int, stream: int) -> None:
        """Let the event be the end of what is in the stream."""
        self._refuse_capturing(stream, "cuEventRecord")
        self._events[event] = (_name(stream), self._turn)

    def add_wait(self, stream: int, event: int) -> None:
        """Let what comes into a stream wait for what the event is the end of now."""
        self._refuse_capturing(stream, "cuStreamWaitEvent")
        recorded = self._events.get(event)
        if recorded is not None:
            self.add(stream, lambda: self._finish(*recorded))

    def finish_event(self, event: int) -> None:
        """Do the work before an event; one that was never recorded has none."""
        if event in self._events:
            self._finish(*self._events[event])

    def is_capturing(self, stream: int) -> bool:
        """Say whether work that comes into a stream is not to be done, but noted."""
        return _name(stream) in self._captured

    def begin_capture(self, stream: int) -> None:
        """Note the work that comes into a stream from now on."""
        if _name(stream) == 0:
            raise _error("cuStreamBeginCapture", "the default stream cannot be captured")
        self._refuse_capturing(stream, "cuStreamBeginCapture")
        self._captured[_name(stream)] = []

    def end_capture(self, stream: int) -> list[Work]:
        """Return what was noted."""
        if not self.is_capturing(stream):
            raise _error("cuStreamEndCapture", "this stream is not captured")
        return self._captured.pop(_name(stream))

    def _finish(self, stream: int, turn: int) -> None:
        queue = self._queues.get(stream, deque())
        while queue and queue[0][0] <= turn:
            queue.popleft()[1]()

    def _refuse_capturing(self, stream: int, entry: str) -> None:
        if self.is_capturing(stream):
            raise _error(entry, "not in a stream that is captured, which here is one alone")


def _name(stream: int) -> int:
    return 0 if stream == LEGACY else stream


def _error(entry: str, text: str) -> CudaError:
    return CudaError(entry, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", text)
