import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.device import CPU, Device, select_device
from hpcpy_core.errors import InputError
from hpcpy_core.transport import Transport
from hpcpy_testing.emulated_cupy import install_emulated_cupy


def select(request, transport="auto", *, gpu=True):
    return select_device(request, transport, MPI.COMM_SELF, gpu=gpu)


def test_a_gpu_that_computes_is_taken_with_its_name(machine):
    found = machine("a", "b")
    chosen = select("auto")
    assert (chosen.kind, chosen.reason, chosen.name) == ("gpu", "NVIDIA H100", "NVIDIA H100")
    assert chosen.ordinal == 0
    assert chosen.xp is found.cupy
    assert found.driver.used == found.cupy.used == [0]


@pytest.mark.parametrize("visible", [1, 3])
def test_a_gpu_can_be_named(machine, visible):
    found = machine(*"abc"[:visible])
    last = visible - 1
    assert select(f"gpu:{last}").ordinal == last
    assert found.driver.used == found.cupy.used == [last]
    there = "one GPU, number 0" if visible == 1 else "3 GPUs, 0 to 2"
    words = rf"--device gpu:{visible}: rank 0 on .* sees {there}\. Use --device gpu:{last}, or"
    with pytest.raises(InputError, match=words):
        select(f"gpu:{visible}")


def test_nonsense_is_refused_here_too():
    with pytest.raises(InputError, match="'gpu:x' is no device"):
        select("gpu:x")


def test_a_gpu_is_left_alone_by_a_program_without_a_gpu_path(machine):
    found = machine("a")
    chosen = select("auto", gpu=False)
    assert (chosen.kind, chosen.transport.name) == ("cpu", "host")
    assert chosen.reason == "no GPU: this program has no GPU path yet"
    assert found.driver.used == []
    with pytest.raises(InputError, match=r"--device gpu: this program has .*Use --device cpu"):
        select("gpu", gpu=False)


def test_the_cpu_can_be_asked_for_beside_a_gpu(machine):
    found = machine("a")
    chosen = select("cpu")
    assert (chosen.kind, chosen.reason, chosen.transport.name) == ("cpu", "asked for", "host")
    assert (chosen.ordinal, chosen.name, chosen.warnings) == (None, None, ())
    assert found.driver.used == []


def test_without_a_gpu_auto_says_why_and_gpu_what_to_do(machine):
    machine(error=machine.no_driver)
    assert select("auto").reason == "no GPU: no NVIDIA driver"
    words = r"--device gpu: rank 0 on .* cannot .*: no NVIDIA driver: .*\. Or use --device cpu"
    with pytest.raises(InputError, match=words):
        select("gpu")


@pytest.mark.parametrize(
    ("device", "transport", "asked", "name"),
    [
        ("auto", "auto", 1, "direct"),
        ("gpu", "direct", 1, "direct"),
        ("gpu", "staged", 0, "staged"),
        ("gpu", "force-direct", 0, "direct"),
        ("cpu", "auto", 0, "host"),
    ],
)
def test_the_proof_is_asked_for_where_it_matters(machine, device, transport, asked, name):
    found = machine("a", proven=("p2p",))
    assert select(device, transport).transport.name == name
    assert len(found.asked) == asked


def test_direct_without_a_proof_is_refused(machine):
    machine("a")
    with pytest.raises(InputError, match=r"not proven .* Segmentation fault\. Use --transport st"):
        select("gpu", "direct")


def test_what_is_forced_comes_with_a_warning(machine):
    machine("a")
    (warning,) = select("gpu", "force-direct").warnings
    assert "segmentation fault" in warning
    assert "wrong data" in warning
    assert select("gpu").warnings == ()


def test_arrays_are_made_where_they_live_and_brought_back(monkeypatch):
    cupy = install_emulated_cupy(monkeypatch)
    gpu = Device(kind="gpu", reason="", transport=Transport(name="staged", reason=""))
    array = gpu.xp.arange(3)
    assert isinstance(array, cupy.ndarray)
    assert type(gpu.to_host(array)) is np.ndarray
    assert gpu.to_host(array).tolist() == [0, 1, 2]
    assert CPU.xp is np
    assert CPU.to_host(array) is array
