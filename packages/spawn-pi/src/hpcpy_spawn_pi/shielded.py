"""A worker as its parent's guard knows it: by what its shield tells."""

import json
import signal
import socket
from contextlib import suppress

__all__ = ["LEAVE", "Shielded"]

LEAVE = b"l"
"""The guard's word to the shield of a worker that ended as it should."""


class Shielded:
    """One worker, at the other end of a connection from its shield. Local.

    Attributes
    ----------
    connection
        To the shield.
    talks
        Whether more may come from it.
    code
        How the worker ended, negative for a signal; None while it lives.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.talks = True
        self.code: int | None = None
        self._rank: int | None = None
        self._pid: int | None = None
        self._heard = b""
        self._held = True

    def listen(self) -> None:
        """Take in what the shield has said; call it when there is something."""
        try:
            words = self.connection.recv(4096)
        except OSError:
            words = b""
        self.talks = bool(words)
        *lines, self._heard = (self._heard + words).split(b"\n")
        for line in lines:
            said = json.loads(line)
            self._rank = said.get("rank", self._rank)
            self._pid = said.get("pid", self._pid)
            self.code = said.get("code", self.code)

    @property
    def ended(self) -> bool:
        """Whether the worker is gone."""
        return self.code is not None or not self.talks

    @property
    def failed(self) -> bool:
        """Whether it did not end as it should."""
        return self.ended and self.code != 0

    def __str__(self) -> str:
        """Say who it is and how it ended."""
        who = "a worker" if self._rank is None else f"worker {self._rank}"
        return f"{who} (process {self._pid}) {self._describe_end()}"

    def _describe_end(self) -> str:
        if not self.ended:
            return "lives"
        if self.code is None:
            return "was killed together with its shield"
        if self.code >= 0:
            return f"exited with {self.code}"
        try:
            name = f" ({signal.Signals(-self.code).name})"
        except ValueError:
            name = ""
        return f"was killed by signal {-self.code}{name}"

    def let_go(self) -> None:
        """Let the shield leave, once."""
        if self._held:
            self._held = False
            with suppress(OSError):
                self.connection.sendall(LEAVE)
