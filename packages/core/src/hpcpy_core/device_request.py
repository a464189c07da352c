"""Which device was asked for: ``auto``, ``cpu``, ``gpu`` or ``gpu:N``. Starts no MPI."""

import re
from typing import Literal, NamedTuple, cast

from hpcpy_core.errors import InputError

__all__ = ["DeviceRequest", "ParsedRequest", "parse_request"]

DeviceRequest = str
"""A word that `parse_request` takes."""


class ParsedRequest(NamedTuple):
    """What a request says: the kind, and which GPU of every node."""

    kind: Literal["auto", "cpu", "gpu"]
    ordinal: int | None


def parse_request(text: DeviceRequest) -> ParsedRequest:
    """Return kind and ordinal: ``gpu:1`` is GPU 1 for every rank. Local.

    Raises
    ------
    InputError
        If it is none of them.
    """
    match = re.fullmatch(r"(auto|cpu|gpu)|gpu:([0-9]{1,4})", text)
    if match is None:
        raise InputError(
            f"{text!r} is no device: give auto, cpu, gpu, or gpu:N for GPU N, counted from 0"
        )
    kind, ordinal = match.groups()
    if ordinal is not None:
        return ParsedRequest("gpu", int(ordinal))
    return ParsedRequest(cast("Literal['auto', 'cpu', 'gpu']", kind), None)
