import pytest

from describe_gpu import describe_gpu

SMI = """\
case $1 in
    --query-gpu*) echo "NVIDIA H100 80GB HBM3, 580.159.04, 81559 MiB, GPU-1, 00:01.0, 9.0, off" ;;
    *) echo "GPU0 X" ;;
esac"""


@pytest.fixture
def smi(tmp_path, monkeypatch):
    def put(script):
        path = tmp_path / "nvidia-smi"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    monkeypatch.setenv("PATH", str(tmp_path))
    return put


def test_the_gpu_and_its_driver_are_named(smi):
    smi(SMI)
    found = describe_gpu()
    (gpu,) = found["gpus"]
    assert gpu["name"] == "NVIDIA H100 80GB HBM3"
    assert gpu["driver_version"] == "580.159.04"
    assert gpu["uuid"] == "GPU-1"
    assert found["topology"] == ["GPU0 X"]


@pytest.mark.parametrize("script", ["exit 9", None])
def test_without_nvidia_smi_the_rest_is_told(smi, script):
    if script:
        smi(script)
    found = describe_gpu()
    assert found["gpus"] == []
    assert found["glibc"].startswith("glibc 2.")
    assert "numpy" in found["versions"]
