"""Ping-pong: a message goes there and back again."""

from collections.abc import Callable

__all__ = ["TAG", "ping_pong"]

TAG = 1


def ping_pong(
    send: Callable[[], object], recv: Callable[[], object], *, leads: bool
) -> Callable[[], object]:
    """Return one round trip, begun here if this rank `leads`. Local.

    It returns what `recv` returned.
    """

    def ping() -> object:
        send()
        return recv()

    def pong() -> object:
        returned = recv()
        send()
        return returned

    return ping if leads else pong
