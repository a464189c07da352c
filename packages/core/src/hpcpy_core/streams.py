"""Standard output that may be closed, full, or a pipe that nobody reads any more.

`click.echo` and `print` then raise in the middle of the work, and on the one rank that
speaks: the others would wait for it for ever. So a command's streams are guarded: what
cannot be written is remembered, and becomes the exit code when all ranks have ended.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

from hpcpy_core.errors import HpcpyError

__all__ = [
    "Guarded",
    "OutputError",
    "guard_streams",
    "run_guarded",
    "say_error",
    "shorten_message",
]

LONGEST = 500
"""Characters of a message that quotes what a user gave; the middle is left out of a longer one."""


ASCII = ("ascii", "us-ascii", "ansi_x3.4-1968", "646")


class OutputError(HpcpyError):
    """Standard output could not be written. Without a message: nobody reads it any more."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        if not message:
            self.exit_code = 128 + signal.SIGPIPE  # what a shell reports of such a command

    def __reduce__(self) -> tuple[type["OutputError"], tuple[str]]:
        """Let it travel between ranks with its exit code."""
        return type(self), (str(self),)


class Guarded:
    """A text stream whose failure is remembered instead of raised.

    Attributes
    ----------
    error
        The first failure; what is written after it is dropped.
    ends
        Whether a failure ends this process: where no other rank waits for it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.error: OutputError | None = None
        self.ends = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        """Return what the stream has; it is written to only through here."""
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, or remember why that failed."""
        if self.error is None:
            try:
                return self._stream.write(text)
            except (OSError, ValueError) as error:  # ValueError: it was closed meanwhile
                self._lose(error)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Bring it out, or remember why that failed."""
        if self.error is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._lose(error)

    def _lose(self, error: OSError | ValueError) -> None:
        if getattr(error, "errno", None) == errno.EPIPE:
            self.error = OutputError()
        else:
            reason = getattr(error, "strerror", None) or error
            self.error = OutputError(f"standard output cannot be written: {reason}")
        with suppress(OSError, ValueError):  # Python flushes what is left when it ends
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
        if self.ends:
            raise SystemExit(self.error.exit_code)


@contextmanager
def guard_streams() -> Iterator[Guarded]:
    """Guard standard output and standard error for a block; yields the output's guard. Local.

    Descriptors 0, 1 and 2 that are closed are opened on nothing, lest a file of results get
    one of these numbers and what C libraries print. What the terminal's encoding lacks is
    spelled out.
    """
    _open_closed()
    before = sys.stdout, sys.stderr
    out, err = (
        Guarded(stream or Path(os.devnull).open("w"))  # noqa: SIM115 - as long as the process
        for stream in before
    )
    for guard in (out, err):
        with suppress(AttributeError, OSError, ValueError):
            # click would go around a stream of ASCII, and so around its guard.
            encoding = "utf-8" if guard.encoding.lower() in ASCII else guard.encoding
            guard.reconfigure(encoding=encoding, errors="backslashreplace")
    sys.stdout, sys.stderr = cast("TextIO", out), cast("TextIO", err)
    try:
        yield out
    finally:
        out.ends = False
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = before


def run_guarded(output: Guarded, work: Callable[[], int]) -> int:
    """Do the work of a process for which no other rank waits: lost output ends it. Local.

    Parameters
    ----------
    output
        From `guard_streams`.
    work
        Returns an exit code.

    Returns
    -------
    int
        That code; where output was lost, the code of that error, which is said.
    """
    output.ends = True
    code = 0
    try:
        code = work()
        output.ends = False
        output.flush()
    except SystemExit:
        if output.error is None:
            raise
    if output.error is None:
        return code
    say_error(output.error)
    return output.error.exit_code


def say_error(error: HpcpyError) -> None:
    """Print the message of an error on standard error, if it has one. Local; never fails."""
    if sys.stderr is None or not str(error):
        return
    with suppress(OSError, ValueError):
        sys.stderr.write(f"error: {error}\n")
        sys.stderr.flush()


def shorten_message(text: str) -> str:
    """Return a message without the middle of what is too long in it. Local."""
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]} … {text[-half:]}"


def _open_closed() -> None:
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
