"""The line has its place for the longest reasons."""

import pytest

from hpcpy_core.device import Device
from hpcpy_core.selection import Selection
from hpcpy_core.transport import Transport


def line(device_reason, transport_reason, kind="gpu"):
    transport = Transport(name="staged", reason=transport_reason)
    device = Device(kind=kind, reason=device_reason, transport=transport)
    return str(Selection(device=device, library="Open MPI 5.0.10", ranks=16, nodes=4))


def test_a_short_reason_is_whole():
    assert line("16 NVIDIA H100", "asked for") == (
        "device gpu (16 NVIDIA H100) · transport staged (asked for) · Open MPI 5.0.10 · "
        "16 ranks on 4 nodes"
    )


@pytest.mark.parametrize("words", range(1, 60))
def test_a_long_one_is_cut_at_a_word(words):
    reason = " ".join(["segmentation"] * words)
    said = line("16 NVIDIA H100 80GB HBM3", reason)
    assert len(said) <= 160
    assert said.endswith(" · Open MPI 5.0.10 · 16 ranks on 4 nodes")
    assert (reason in said) or "segmentation …)" in said


def test_the_device_is_never_cut():
    device = "8 NVIDIA H100 80GB HBM3 and 8 NVIDIA A100-SXM4-80GB, shared by 64 ranks"
    said = line(device, "MPI takes no device memory: Segmentation fault in Send")
    assert device in said


def test_host_memory_needs_no_reason():
    assert "transport staged ·" in line("no GPU: no NVIDIA driver", "host memory", kind="cpu")
