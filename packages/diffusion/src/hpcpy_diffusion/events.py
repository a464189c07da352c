"""What interrupts the time steps: frames, looks after checkpoints, the end."""

from collections.abc import Callable

from hpcpy_diffusion.checkpointing import NEVER, Checkpointing
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.result import Frame

__all__ = ["Events"]


class Events:
    """The steps at which the field is wanted. Creation is local, and starts the clocks.

    Parameters
    ----------
    parameters
        They say when frames are due, and which step is the last.
    first
        The step that the run starts after.
    on_frame
        Takes the frames; None where nobody wants them.
    checkpointing
        None for a run without checkpoints.
    """

    def __init__(
        self,
        parameters: Parameters,
        first: int,
        *,
        on_frame: Callable[[Frame], None] | None,
        checkpointing: Checkpointing | None,
    ) -> None:
        self._on_frame, self._checkpointing = on_frame, checkpointing
        self._frames, self._last = parameters.frame_steps, parameters.steps
        self._look_after = NEVER if checkpointing is None else checkpointing.start(first)

    def next(self, done: int) -> int:
        """Return the step after `done` to stop at. Local."""
        frame = self._frames.after(done) if self._on_frame is not None else None
        coming = (self._last, self._look_after, NEVER if frame is None else frame)
        return min(step for step in coming if step > done)

    def serve(self, frame: Frame) -> None:
        """Give the frame to whom it is due to. Collective over the ranks of the run.

        Raises
        ------
        StoppedError, FileError
            On every rank, from the checkpoints.
        """
        if self._on_frame is not None and frame.step in self._frames:
            self._on_frame(frame)
        if self._checkpointing is not None and frame.step == self._look_after:
            self._look_after = self._checkpointing.look(frame)
