"""What this host's name resolves to; a name server that does not answer is not waited for."""

import socket
from threading import Thread

__all__ = ["SECONDS", "resolve_host"]

SECONDS = 2.0


def resolve_host(name: str, seconds: float = SECONDS) -> tuple[str, ...] | None:
    """Return the addresses of a host. Local.

    Parameters
    ----------
    name
        Of the host.
    seconds
        To wait for an answer.

    Returns
    -------
    tuple of str or None
        Empty for a name that nobody knows; None without an answer in time.
    """
    answers: list[tuple[str, ...]] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except OSError:
            found = []
        answers.append(tuple(sorted({str(each[4][0]) for each in found})))

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else None
