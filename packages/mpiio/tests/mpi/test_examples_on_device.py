"""Every example runs with device arrays under an emulated CuPy, and MPI gets host memory."""

import sys

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.transport import Transport
from hpcpy_mpiio.examples import TOPICS
from hpcpy_testing.assertions import parallel_assert
from hpcpy_testing.emulated_cupy import install_emulated_cupy

pytestmark = pytest.mark.mpi

EXAMPLES = {example.name: example for examples in TOPICS.values() for example in examples}
STAGED = Device(kind="gpu", reason="", transport=Transport(name="staged", reason=""))


@pytest.fixture
def watched(monkeypatch, folder):
    """Return a function that watches an example's files; what they got is in the lists it gives."""
    monkeypatch.chdir(folder)
    install_emulated_cupy(monkeypatch)

    def watch(name):
        seen = []

        class WatchedFile(MPI.File):
            def __getattribute__(self, method):
                found = super().__getattribute__(method)
                if method.startswith(("Write", "Read", "Iwrite", "Iread")):
                    return lambda *args: note(found, *args)
                return found

        def note(call, *args):
            spec = args[-1]
            seen.append(type(spec[0] if isinstance(spec, list) else spec))
            return call(*args)

        class WatchedMPI:
            File = WatchedFile

            def __getattr__(self, key):
                return getattr(MPI, key)

        example = EXAMPLES[name].load()
        monkeypatch.setattr(sys.modules[f"hpcpy_mpiio.examples.{name}"], "MPI", WatchedMPI())
        return example, seen

    return watch


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_right_and_hands_mpi_host_memory(comm, watched, name):
    example, seen = watched(name)
    result = example(comm, STAGED)
    parallel_assert(comm, result.correct, f"{result.lines} {result.expected}")
    parallel_assert(comm, len(seen) > 0, "MPI got no array")
    wrong = [kind for kind in seen if kind is not np.ndarray]  # DeviceArray is derived from it
    parallel_assert(comm, not wrong, f"MPI got {wrong}")
