"""How threads, or ranks that share memory, tell each other how far they are.

Each has a counter in a cache line of its own, which only it writes. Who waits looks at the
other's counter again and again, and after a while lets others run between two looks.
"""
# ruff: noqa: ANN401 - what Numba and LLVM hand over has no types

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, types
from numba.extending import intrinsic

__all__ = ["COUNTERS_APART", "tell", "wait_for"]

COUNTERS_APART = 16
"""Items from one counter to the next: two cache lines, since they are fetched in pairs."""

LOOKS = 2000
"""Some microseconds; a thread that waits longer has no core of its own, or the other has none."""

Counters = npt.NDArray[np.int64]

_let_others_run = types.ExternalFunction("sched_yield", types.intc())


@intrinsic
def _read(typing: Any, counters: Any, at: Any) -> tuple[Any, Callable[..., Any]]:
    """Return an item; what was written before it was, can be read after."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.load_atomic(builder.gep(data, [args[1]]), "acquire", 8)

    return types.int64(counters, types.intp), generate


@intrinsic
def _write(typing: Any, counters: Any, at: Any, count: Any) -> tuple[Any, Callable[..., Any]]:
    """Write an item, after all that was written before."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        builder.store_atomic(args[2], builder.gep(data, [args[1]]), "release", 8)
        return context.get_dummy_value()

    return types.void(counters, types.intp, types.int64), generate


@njit
def tell(counters: Counters, who: int, count: int) -> None:
    """Say how far one is. Local; for compiled code."""
    _write(counters, who * COUNTERS_APART, count)


@njit
def wait_for(counters: Counters, whom: int, count: int) -> None:
    """Wait until another one is so far. For compiled code."""
    looks = 0
    while _read(counters, whom * COUNTERS_APART) < count:
        looks += 1
        if looks > LOOKS:
            _let_others_run()
