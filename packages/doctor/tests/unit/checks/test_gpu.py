import pytest

from hpcpy_doctor.checks.gpu import look_at_gpus
from hpcpy_doctor.looks.ask_child import NoAnswerError
from hpcpy_doctor.looks.machine import Machine

OURS = "/usr/lib/libcuda.so.570.86.15"
VERSION = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu Jan 1\nGCC version: 12\n"
GPU = {"name": "H100", "uuid": "00", "mode": 0}
QUIET_SMI = "#!/bin/sh\necho Enabled, Disabled\n"


@pytest.fixture
def look(make_facts, tmp_path, monkeypatch):
    """Return a function that looks at a machine whose driver says this."""

    def run(said, *, environ=(), kernel=VERSION, smi=QUIET_SMI):
        dev, file = tmp_path / "dev", tmp_path / "version"
        dev.mkdir()
        if kernel:
            file.write_text(kernel)
        programs = tmp_path / "bin"
        programs.mkdir()
        if smi:
            (programs / "nvidia-smi").write_text(smi)
            (programs / "nvidia-smi").chmod(0o755)
            monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
        facts = make_facts(environ, machine=Machine())

        def ask(_):
            if isinstance(said, Exception):
                raise said
            return said

        return list(look_at_gpus((facts,), kernel=file, dev=dev, ask=ask))

    return run


def devices(*gpus, **said):
    return {"path": OURS, "version": 13000, "devices": list(gpus), **said}


def test_gpus(look):
    (well,) = look(devices(GPU, GPU))
    assert well.level == "ok"
    assert well.seen == f"2 x H100, driver for CUDA 13.0, {OURS}"


def test_no_gpu_is_well(look):
    (well,) = look({"missing": "libcuda.so.1: cannot open"}, kernel=None)
    assert well.level == "ok"
    assert well.seen == "no GPU: there is no NVIDIA driver"


def test_a_gpu_without_the_library(look, tmp_path):
    missing = {"missing": "libcuda.so.1: cannot open"}
    environ = {"APPTAINER_CONTAINER": "/h.sif"}
    (found,) = look(missing, environ=environ)
    assert found.id == "gpu-driver-missing"
    assert found.cure == "apptainer exec --nv /h.sif hpcpy-doctor"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (devices(path="/cuda/lib64/stubs/libcuda.so.1", error="x"), "gpu-driver-stub"),
        (devices(error="CUDA_ERROR_STUB_LIBRARY"), "gpu-driver-stub"),
        (devices(GPU, path="/usr/lib/libcuda.so.535.1.2"), "gpu-driver-mismatch"),
        (devices(GPU, path="/cuda/compat/libcuda.so.575.1.2"), None),
    ],
)
def test_the_library(look, said, kind):
    assert look(said)[0].id == kind


def test_a_library_without_a_kernel_module(look):
    (found,) = look(devices(GPU, path="/emulated/libcuda.so.1"), kernel=None)
    assert found.id == "gpu-driver-swapped"


def test_a_driver_that_hangs(look):
    error = NoAnswerError("no answer in 5 s", hangs=True, heard={"path": OURS})
    (found,) = look(error)
    assert found.id == "gpu-driver-hangs"
    assert found.seen == f"{OURS}: no answer in 5 s"


@pytest.mark.parametrize(
    ("visible", "kind"),
    [("", "gpu-hidden"), ("-1", "gpu-hidden"), ("9", "gpu-names-nothing"), (None, "gpu-not-found")],
)
def test_no_device(look, visible, kind):
    environ = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    (found,) = look({"path": OURS, "error": "CUDA_ERROR_NO_DEVICE"}, environ=environ)
    assert found.id == kind


def test_modes(look):
    (found,) = look(devices({**GPU, "mode": 2}))
    assert found.id == "gpu-exclusive"
    assert found.seen == "GPU 0 (H100) is prohibited, and 1 rank(s) are here"


@pytest.mark.parametrize(
    ("smi", "kind", "words"),
    [
        (
            "#!/bin/sh\necho 'Failed to initialize NVML: Driver/library version mismatch'\nexit 18",
            "gpu-driver-mismatch",
            "Driver/library version mismatch",
        ),
        ("#!/bin/sh\necho No devices were found\nexit 6", "nvidia-smi-fails", "No devices"),
        ("#!/bin/sh\necho Disabled, Disabled", "gpu-not-persistent", "off for GPU 0"),
        ("#!/bin/sh\necho Enabled, Enabled", "gpu-in-parts", "on for GPU 0"),
    ],
)
def test_nvidia_smi(look, smi, kind, words):
    (found,) = look(devices(GPU), smi=smi)
    assert found.id == kind
    assert words in found.seen


def test_no_nvidia_smi(look, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert [found.id for found in look(devices(GPU), smi=None)] == ["nvidia-smi-missing"]
