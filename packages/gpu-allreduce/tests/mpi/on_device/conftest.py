"""A GPU's libraries without a GPU: what stands in for them is in stand_ins.py."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from hpcpy_core.device import Device
from hpcpy_core.topology import count_nodes
from hpcpy_core.transport import Transport
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.reduction import REDUCTIONS
from hpcpy_testing.emulated_driver import check_synchronised, require_driver_environment

STAND_INS = runpy.run_path(str(Path(__file__).parents[2] / "stand_ins.py"))


@pytest.fixture(autouse=True)
def no_tuned_thresholds():
    """Leave the user's cache where it is until the driver was found in it; see `gpu`."""


@pytest.fixture
def gpu(tmp_path, monkeypatch):
    """Give this rank its GPU, and `hpcpy_gpu_allreduce` a CuPy and a kernel for it."""
    require_driver_environment()
    given = STAND_INS["Gpu"]()
    STAND_INS["put_in_place"](given, monkeypatch)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # without what a user has tuned
    with check_synchronised():
        yield given


@pytest.fixture
def make_case(comm):
    """Make a case for the test's communicator."""

    def make(shape, dtype="f8", operation="sum", **changes):
        device = Device(
            kind="gpu",
            reason="emulated",
            transport=Transport(name="staged", reason="tested"),
            ordinal=0,
        )
        parts = {
            "comm": comm,
            "nodes": count_nodes(comm),
            "shape": shape if isinstance(shape, tuple) else (shape,),
            "dtype": np.dtype(dtype),
            "reduction": REDUCTIONS[operation],
            "device": device,
        }
        return Case(**(parts | changes))

    return make
