"""Refuse a run that would write more than there is room for, before its work. No MPI."""

import os
from math import prod
from pathlib import Path

import numpy as np

from hpcpy_core.errors import InputError
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.run_folder import find_existing
from hpcpy_diffusion.settle_places import Places
from hpcpy_diffusion.thin import find_stride

__all__ = ["require_room"]

GENERATIONS = 3
"""Of checkpoints: those that are kept, and one that is being written."""
HEAD = 128
"""Bytes of a .npy file before its items."""
GB = 1e9


def require_room(places: Places, parameters: Parameters, *, full_frames: bool) -> None:
    """Compare the bytes and files that a run will write with what is free. Local: one rank calls.

    Raises
    ------
    InputError
        With the numbers, if they do not fit.
    """
    item, side = np.dtype(parameters.dtype).itemsize, parameters.shape[0]
    field = prod(parameters.shape) * item + HEAD
    kept = 1 if full_frames else find_stride(parameters.shape)
    count = len(parameters.frame_steps) - len(places.frames)
    frame = (-(-side // kept)) ** 2 * item + HEAD
    wanted: dict[Path, tuple[int, int]] = {}
    if places.output is not None:
        wanted[places.output] = count * frame + field, count
    if places.target is not None:
        size, files = wanted.get(places.target.parent, (0, 0))
        inside = places.target.parent if files or size else places.target
        wanted[inside] = size + GENERATIONS * field, files
    for place, (size, files) in wanted.items():
        found = os.statvfs(find_existing(place))
        free = found.f_bavail * found.f_frsize
        words = f"{size / GB:.3g} GB are to be written to {place}"
        if files * frame > field:
            words += f", most of it {files} frames of {frame} bytes"
        if size > free:
            raise InputError(
                f"{words}, where {free / GB:.3g} GB are free: give a larger outtime or dx, another "
                "--output, or --force"
            )
        if found.f_files and files > found.f_favail:
            raise InputError(
                f"{files} frames are to be written to {place}, where {found.f_favail} files can "
                "be made: give a larger outtime, another --output, or --force"
            )
