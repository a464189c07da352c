"""Device memory between zones that no kernel may use."""

import ctypes
import itertools
import mmap
import weakref
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from hpcpy_testing.emulated_cupy.device_array import DeviceArray
from hpcpy_testing.emulated_kernels.host_module import KernelError

__all__ = ["check_guards", "guarded"]

ALIGNMENT = 512
"""Bytes: as CuPy's memory."""
ZONE = 16 * mmap.PAGESIZE
"""Bytes before the array's pages, and as many behind, that cannot even be read."""
UNSET = 0xFF
"""Of each byte that nobody has written: a NaN in an array of floats, -1 in one of integers."""

End = Literal["first", "last"]

_ends: "itertools.cycle[End]" = itertools.cycle(("last", "first"))


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """Where the rows of an array are in its pages, which are its memory without the zones."""

    memory: "weakref.ref[npt.NDArray[np.uint8]]"
    first: int
    rows: int
    width: int
    pitch: int
    name: str


_layouts: dict[int, _Layout] = {}


def guarded(
    shape: int | tuple[int, ...],
    dtype: npt.DTypeLike = np.float64,
    *,
    pitch: int | None = None,
    flush: End | None = None,
) -> DeviceArray:
    """Return an array of NaN, or -1, whose rows may lie apart. Local.

    The array has pages of its own. A kernel that reads or writes outside of these is ended.
    What they hold besides the items, between the rows too, is NaN: what reads it shows in the
    result, and what writes it is found by `check_guards`, which is called after each kernel.

    Parameters
    ----------
    shape, dtype
        Of the array, which begins at a multiple of 512 bytes.
    pitch
        Bytes from one row to the next; without it there are no gaps.
    flush
        Whether the array begins where its pages begin, or ends within 512 bytes of their
        end; without it, arrays do so in turns.
    """
    sizes, kind = (shape,) if isinstance(shape, int) else tuple(shape), np.dtype(dtype)
    rows, width = (1, prod(sizes) * kind.itemsize)
    if pitch is not None:
        rows, width = sizes[0], sizes[-1] * kind.itemsize
        if len(sizes) != 2 or pitch < width or pitch % kind.itemsize:
            raise ValueError(f"a pitch of {pitch} B does not fit rows of {width} B: {shape} {kind}")
    step = width if pitch is None else pitch
    room = -(-max(1, rows * step) // ALIGNMENT) * ALIGNMENT
    memory = _allocate(room)
    first = memory.size - 2 * ZONE - room if (flush or next(_ends)) == "last" else 0
    strides = None if pitch is None else (pitch, kind.itemsize)
    array = np.ndarray(sizes, kind, memory.data, ZONE + first, strides)
    _layouts[id(memory)] = _Layout(
        memory=weakref.ref(memory),
        first=first,
        rows=rows,
        width=width,
        pitch=step,
        name=f"{kind} array of shape {sizes}",
    )
    weakref.finalize(memory, _layouts.pop, id(memory), None).atexit = False
    return array.view(DeviceArray)


def check_guards() -> None:
    """Look at what is around and in all arrays that are in use. Local.

    Raises
    ------
    KernelError
        If something was written beside the items.
    """
    for layout in list(_layouts.values()):
        memory = layout.memory()
        if memory is not None and (found := _find_write(memory[ZONE:-ZONE], layout)):
            raise KernelError(f"written {found} a {layout.name}")


def _allocate(nbytes: int) -> npt.NDArray[np.uint8]:
    """Return pages that are full of what nobody wrote, with zones around them."""
    size = -(-nbytes // mmap.PAGESIZE) * mmap.PAGESIZE
    memory = np.frombuffer(mmap.mmap(-1, size + 2 * ZONE), np.uint8)
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    for begin in (0, ZONE + size):
        address = ctypes.c_void_p(memory.ctypes.data + begin)
        if protect(address, ctypes.c_size_t(ZONE), 0):
            raise OSError(ctypes.get_errno(), "mprotect")
    memory[ZONE:-ZONE] = UNSET
    return memory


def _find_write(pages: npt.NDArray[np.uint8], layout: _Layout) -> str:
    """Say where something was written, and mend it: it shall be told once."""
    last = layout.first + layout.rows * layout.pitch
    gaps = pages[layout.first : last].reshape(layout.rows, layout.pitch)[:, layout.width :]
    zones: dict[str, Any] = {
        "before": pages[: layout.first],
        "behind": pages[last:],
        "between the rows of": gaps,
    }
    for where, zone in zones.items():
        if (zone != UNSET).any():
            written = np.argwhere(zone != UNSET)
            zone[...] = UNSET
            byte = written[0].tolist()
            if where == "before":
                byte = [byte[0] - layout.first]
            return f"{len(written)} B {where}, first at byte {', '.join(map(str, byte))} of"
    return ""
