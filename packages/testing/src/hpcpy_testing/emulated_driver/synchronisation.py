"""Whether a program waits for the device before it gives an array to MPI."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hpcpy_testing.call_site import call_in
from hpcpy_testing.emulated_driver.driver import load_driver

__all__ = ["Readonly", "check_synchronised"]

_unsynchronised: list[str] | None = None
"""What the check has found; None while nobody checks."""


@dataclass(frozen=True)
class Readonly:
    """The part of ``__cuda_array_interface__`` that says whether an array is read-only: no.

    mpi4py looks at it when it takes the pointer for a message, and at no other
    time. To ask whether an array has the interface, as `hasattr` does, is not
    to use it, and may be done while the device is busy.

    Parameters
    ----------
    address, nbytes
        Of the array's device memory.
    """

    address: int
    nbytes: int

    def __bool__(self) -> bool:
        """Note the call that uses the pointer while the device still works on the array."""
        if _unsynchronised is not None and self.nbytes:
            pending = load_driver().count_pending(self.address, self.nbytes)
            if pending:
                frame = sys._getframe(1)  # mpi4py's methods have no frame of their own
                place = f"{frame.f_code.co_filename}:{frame.f_lineno}: {call_in(frame)}"
                _unsynchronised.append(f"{place}: {pending} unfinished in a stream")
        return False


@contextmanager
def check_synchronised() -> Iterator[None]:
    """Check that no array is given to MPI on which the device still works. Local.

    ``with check_synchronised():`` around what is tested; all ranks come to its
    end, whatever it finds.

    Raises
    ------
    AssertionError
        At its end; names every call.
    """
    global _unsynchronised
    outer, _unsynchronised = _unsynchronised, []
    found = _unsynchronised
    try:
        yield
    finally:
        _unsynchronised = outer
    if found:
        calls = "\n  ".join(found)
        raise AssertionError(
            "MPI was given device memory that was still being worked on; "
            f"call stream.synchronize() before:\n  {calls}"
        )
