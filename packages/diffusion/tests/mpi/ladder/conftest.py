from types import SimpleNamespace

import pytest

from hpcpy_core.selection import select
from hpcpy_diffusion.ladder import time_device_copy
from hpcpy_testing.emulated_cupy import install_emulated_cupy


@pytest.fixture
def cupy(monkeypatch):
    """An emulated CuPy that counts in `freed` how often its pool is emptied; copies are small."""
    cupy = install_emulated_cupy(monkeypatch)
    cupy.freed = 0

    def free():
        cupy.freed += 1

    cupy.get_default_memory_pool = lambda: SimpleNamespace(free_all_blocks=free)
    monkeypatch.setattr(time_device_copy, "LEAST", 1 << 16)
    return cupy


@pytest.fixture
def gpu(comm, cupy):
    """The selection of an emulated GPU for all ranks."""
    return select("gpu", "staged", comm, gpu=True)
