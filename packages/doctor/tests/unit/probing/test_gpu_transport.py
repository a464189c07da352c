from types import SimpleNamespace

import pytest

from hpcpy_core.awareness import OPERATIONS, Verdict
from hpcpy_core.cuda_driver import NoDriverError
from hpcpy_doctor.checks import gpu_transport
from hpcpy_doctor.checks.gpu_transport import try_gpu_transport

CRASH = "segmentation fault (messages between ranks, 8 B)"


@pytest.fixture
def look(plain_facts, monkeypatch):
    """Return a function that tells what is found where operations fail like this."""

    def look(failures, devices=1, lasting=True, queries=None, **changes):
        driver = SimpleNamespace(count_devices=lambda: devices)
        monkeypatch.setattr(gpu_transport, "load_driver", lambda: driver)
        verdict = Verdict(
            failures=failures,
            library="Open MPI 5.0.7",
            driver="13.0, H100",
            nodes=1,
            seconds=1.0,
            lasting=lasting,
            queries=queries or {},
        )
        (found,) = try_gpu_transport((plain_facts(**changes),), settle=lambda: verdict)
        return found

    return look


def test_without_a_gpu_there_is_nothing_to_prove(plain_facts, look, monkeypatch):
    assert look({}, devices=0).seen == "nothing to prove: the driver shows no device"

    def load():
        raise NoDriverError("no NVIDIA driver: libcuda.so.1 cannot be loaded (no such file)")

    monkeypatch.setattr(gpu_transport, "load_driver", load)
    (found,) = try_gpu_transport((plain_facts(),), settle=lambda: pytest.fail("proven"))
    assert found.level == "ok"
    assert found.seen == "nothing to prove: no NVIDIA driver: libcuda.so.1 cannot be loaded"


def test_all_was_proven(look):
    found = look({})
    assert found.level == "ok"
    assert found.seen == "Open MPI 5.0.7 takes device memory in all operations"


def test_nothing_was_proven(look):
    nothing = dict.fromkeys(OPERATIONS, CRASH)
    found = look(nothing)
    assert (found.id, found.level) == ("gpu-arrays-are-staged", "note")
    assert found.seen == f"Open MPI 5.0.7, CUDA 13.0, H100: {CRASH}"
    asked = look(nothing, queries={"asked for by variables": "I_MPI_OFFLOAD=1"})
    assert asked.seen == f"{found.seen}, though I_MPI_OFFLOAD=1 asks for it"


def test_a_part_was_proven(look):
    failures = dict.fromkeys([name for name in OPERATIONS if name != "p2p"], "wrong data: Get")
    found = look(failures)
    assert found.id == "gpu-transport-in-part"
    assert "proven for p2p only; not persistent (wrong data: Get), bcast (" in found.seen


def test_it_could_not_be_proven(look, monkeypatch, make_outcome):
    assert look({}, lasting=False).id == "gpu-transport-unproven"
    assert look({}, library_path=None).id == "gpu-transport-unproven"
    monkeypatch.setattr(gpu_transport, "hopeless", [make_outcome("init", code=124)])
    found = look({})
    assert found.id == "gpu-transport-unproven"
    assert "no answer in 8 s" in found.seen
