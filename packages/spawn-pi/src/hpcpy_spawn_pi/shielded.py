"""A worker as its parent's guard knows it: by what its shield tells.

Whoever connects is a `Stranger` until it has shown the guard's token, and a `Shielded` then.
"""

import hmac
import json
import signal
import socket
from contextlib import suppress

__all__ = ["LEAVE", "Shielded", "Stranger"]

LEAVE = b"l"
"""The guard's word to the shield of a worker that ended as it should."""

LONGEST = 4096
"""Bytes of what a shield may say on one line: it never comes near to that."""


class Stranger:
    """A connection that has not yet shown the guard's token. Local.

    Attributes
    ----------
    connection
        To whoever it is.
    right
        Whether it has shown the token.
    """

    def __init__(self, connection: socket.socket, token: str) -> None:
        connection.setblocking(False)
        self.connection = connection
        self.right = False
        self._token = f"{token}\n".encode()
        self._heard = b""

    def listen(self) -> bool:
        """Take in what it says; return whether it is known by now, as right or as wrong."""
        try:
            # Not a byte more: what comes after the token is for `Shielded`.
            words = self.connection.recv(len(self._token) - len(self._heard))
        except BlockingIOError:
            return False
        except OSError:
            return True
        self._heard += words
        self.right = hmac.compare_digest(self._heard, self._token)
        return not words or not self._token.startswith(self._heard) or self.right


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
            words = self.connection.recv(LONGEST)
        except BlockingIOError:
            return
        except OSError:
            words = b""
        self.talks = bool(words)
        *lines, self._heard = (self._heard + words).split(b"\n")
        try:
            for line in lines:
                self._take_in(json.loads(line))
        except (ValueError, RecursionError):
            self.talks = False
        if len(self._heard) > LONGEST:
            self.talks = False

    def _take_in(self, said: object) -> None:
        """Note what one line says; anything else than a shield's words is a ValueError."""
        if not isinstance(said, dict) or not all(
            value is None or type(value) is int for value in said.values()
        ):
            raise ValueError(said)
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
