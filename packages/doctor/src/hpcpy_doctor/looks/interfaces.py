"""The network interfaces of this process: their names, and the addresses of those that are up."""

import fcntl
import socket
import struct
from collections.abc import Iterator

__all__ = ["is_loopback", "list_addresses", "list_interfaces"]

SIOCGIFFLAGS, SIOCGIFADDR = 0x8913, 0x8915
UP = 1
REQUEST = "16s24x"
ADDRESS = slice(20, 24)


def list_interfaces() -> tuple[str, ...]:
    """Return the names of all, ``lo`` among them. Local."""
    try:
        return tuple(sorted(name for _, name in socket.if_nameindex()))
    except OSError:
        return ()


def list_addresses() -> tuple[tuple[str, str], ...]:
    """Return name and IPv4 address of those that are up. Local."""
    return tuple(_ask_addresses())


def _ask_addresses() -> Iterator[tuple[str, str]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for name in list_interfaces():
            request = struct.pack(REQUEST, name.encode()[:15])
            try:
                (flags,) = struct.unpack_from("H", fcntl.ioctl(asked, SIOCGIFFLAGS, request), 16)
                if flags & UP:
                    answer = fcntl.ioctl(asked, SIOCGIFADDR, request)
                    yield name, socket.inet_ntoa(answer[ADDRESS])
            except OSError:  # it has no address
                continue


def is_loopback(address: str) -> bool:
    """Say whether an address leads back to the host itself. Local."""
    return address.startswith("127.") or address == "::1"
