"""Ask a process of its own what may hang or crash: a dead file system, a broken driver."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from hpcpy_core.errors import HpcpyError

__all__ = ["SECONDS", "NoAnswerError", "ask_child"]

SECONDS = 5.0
"""Enough on a busy machine; half of what a check may take."""

ENDING = 0.5
"""Seconds for a killed process to end. One that waits for a dead file system does not."""

_answers: dict[tuple[str, ...], "dict[str, Any] | NoAnswerError"] = {}

_left: list["subprocess.Popen[bytes]"] = []
"""Those that did not end; kept, since nobody waits for them."""


class NoAnswerError(HpcpyError):
    """The process hung or died.

    Attributes
    ----------
    hangs
        Which of the two.
    heard
        What it had said until then.
    """

    def __init__(self, words: str, *, hangs: bool, heard: Mapping[str, Any]) -> None:
        super().__init__(words)
        self.hangs, self.heard = hangs, heard


def ask_child(module: str, *arguments: str, seconds: float = SECONDS) -> dict[str, Any]:
    """Run a module of Python's, and return what it said in lines of JSON. Local.

    It is run once in a process: several checks want to know of the driver, which may hang.

    Parameters
    ----------
    module
        Its name, as for ``python -m``.
    arguments
        For it.
    seconds
        After which it is killed.

    Raises
    ------
    NoAnswerError
        If it hangs, or ends with an error.
    """
    asked = (module, *arguments)
    if asked not in _answers:
        try:
            _answers[asked] = _ask(asked, seconds)
        except NoAnswerError as error:
            _answers[asked] = error
    answer = _answers[asked]
    if isinstance(answer, NoAnswerError):
        raise answer
    return answer


def _ask(asked: Sequence[str], seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", *asked]
    pipe = subprocess.PIPE
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)
    except OSError as error:
        raise NoAnswerError(f"no process can be started: {error}", hangs=False, heard={}) from error
    try:
        out, err = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        out = _end(child)
        raise NoAnswerError(f"no answer in {seconds:g} s", hangs=True, heard=_read(out)) from None
    if child.returncode:
        raise NoAnswerError(_describe_end(child.returncode, err), hangs=False, heard=_read(out))
    return _read(out)


def _describe_end(code: int, err: bytes) -> str:
    """Return its last words; one that a signal has ended had no time for any."""
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    return (err.decode(errors="replace").strip().splitlines() or [f"exit code {code}"])[-1]


def _end(child: "subprocess.Popen[bytes]") -> bytes:
    """Kill it, and return what it had said; do not wait for what cannot be killed."""
    child.kill()
    try:
        return child.communicate(timeout=ENDING)[0]
    except subprocess.TimeoutExpired as late:
        _left.append(child)
        return late.output or b""


def _read(out: bytes) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for line in out.splitlines():
        with suppress(ValueError):
            said.update(json.loads(line))
    return said
