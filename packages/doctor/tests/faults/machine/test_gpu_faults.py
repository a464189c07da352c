"""Drivers that fail in all ways, without a GPU: libraries that stand in for the driver's.

The emulated driver does what a driver does; a few lines of C do what a broken one does. CuPy
is a package of a few lines, since the real one cannot be had without its size.
"""

import shutil
import subprocess

import pytest

from hpcpy_testing.emulated_driver import build_driver

BROKEN = r"""
#include <stdlib.h>
#include <unistd.h>
static int ask(const char *name) { const char *v = getenv(name); return v ? atoi(v) : 0; }
int cuInit(unsigned flags) {
    if (ask("FAULT") == -1) sleep(100);
    if (ask("FAULT") == -2) abort();
    return ask("FAULT");
}
int cuDriverGetVersion(int *version) { *version = 13000; return 0; }
int cuDeviceGetCount(int *count) { *count = 1; return 0; }
int cuDeviceGetName(char *name, int length, int device) { name[0] = 'X'; name[1] = 0; return 0; }
int cuDeviceGetUuid_v2(char uuid[16], int device) { return 0; }
int cuDeviceGetAttribute(int *value, int which, int device) {
    *value = which == 20 ? ask("MODE") : 0;
    return 0;
}
int cuGetErrorString(int error, const char **text) { *text = "as told"; return 0; }
int cuGetErrorName(int error, const char **name) {
    *name = error == 34 ? "CUDA_ERROR_STUB_LIBRARY"
          : error == 803 ? "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH" : "CUDA_ERROR_UNKNOWN";
    return 0;
}
"""

CUPY = {
    "cupy/__init__.py": "from cupy import cuda\ndef arange(n):\n    return sum_of(range(n))\n"
    "class sum_of(list):\n    def sum(self):\n        return sum(self)\n",
    "cupy/cuda/__init__.py": "class Device:\n    def __init__(self, n):\n        pass\n"
    "    def use(self):\n        pass\n",
    "cupy/cuda/nccl.py": "available = True\ndef get_version():\n    return 22703\n",
}


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def distribution(name):
    return {
        f"{name}-13.6.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\n"
        "Version: 13.6.0\n"
    }


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Put a CuPy of a few lines where Python looks first; return its folder."""
    folder = tmp_path / "packages"
    write(folder, {**CUPY, **distribution("cupy-cuda13x")})
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def test_cupy_without_a_driver(examine, stand_in):
    report = examine("gpu,cupy,nccl", ranks=2)
    assert report.faults == {"cupy-without-driver"}
    assert "cupy-cuda13x 13.6.0" in report.found["cupy-without-driver"]["seen"]
    assert "no NVIDIA driver" in report.found["cupy-without-driver"]["seen"]


def test_two_packages_of_cupy(examine, stand_in):
    write(stand_in, distribution("cupy-cuda12x"))
    found = examine("cupy").found["cupy-twice"]
    assert "cupy-cuda12x 13.6.0 and cupy-cuda13x 13.6.0" in found["seen"]
    cure = 'pip uninstall cupy-cuda12x cupy-cuda13x && pip install "cupy-cuda13x[ctk]"'
    assert found["cure"] == cure


if compiler := shutil.which("cc"):

    @pytest.fixture(scope="module")
    def broken(tmp_path_factory):
        """The folder of a libcuda.so.1 that fails as FAULT says."""
        folder = tmp_path_factory.mktemp("driver")
        library = folder / "libcuda.so.1"
        command = [compiler, "-shared", "-fPIC", "-xc", "-", "-o", str(library)]
        subprocess.run(command, input=BROKEN, text=True, check=True)
        return folder

    @pytest.mark.parametrize(
        ("fault", "kind", "words"),
        [
            (34, "gpu-driver-stub", "libcuda.so.1 is loaded"),
            (803, "gpu-driver-mismatch", "the kernel has another version"),
            (999, "gpu-driver-broken", "cuInit says CUDA_ERROR_UNKNOWN"),
            (-1, "gpu-driver-hangs", "no answer in 5 s"),
            (-2, "gpu-driver-broken", "ended by SIGABRT"),
        ],
    )
    def test_a_driver_that_fails(examine, broken, fault, kind, words):
        env = {"LD_LIBRARY_PATH": str(broken), "FAULT": str(fault)}
        report = examine("gpu,cupy", env=env)
        assert report.faults - {"cupy-not-installed"} == {kind}
        # One that hangs is not waited for twice.
        assert sum(check["seconds"] for check in report.said["checks"]) < 10
        assert words in report.found[kind]["seen"]
        assert report.code == 2

    def test_ranks_on_an_exclusive_gpu(examine, broken):
        env = {"LD_LIBRARY_PATH": str(broken), "MODE": "3"}
        report = examine("gpu", ranks=2, env=env)
        assert "exclusive (process), and 2 rank(s)" in report.found["gpu-exclusive"]["seen"]
        assert report.found["gpu-exclusive"]["cure"] == "sudo nvidia-smi -i 0 -c DEFAULT"
        assert "gpu-exclusive" not in examine("gpu", ranks=1, env=env).faults

    @pytest.fixture
    def emulated():
        return {"LD_LIBRARY_PATH": str(build_driver())}

    def test_a_driver_that_is_not_the_kernels(examine, emulated):
        report = examine("gpu,cupy", env=emulated)
        assert report.faults == {"gpu-driver-swapped", "cupy-not-installed"}
        swapped, lacking = (report.found[each] for each in sorted(report.faults, reverse=True))
        assert emulated["LD_LIBRARY_PATH"] in swapped["seen"]
        assert swapped["cure"] == "unset LD_LIBRARY_PATH"
        assert lacking["cure"] == 'pip install "cupy-cuda13x[ctk]"'

    @pytest.mark.parametrize(
        ("variables", "kind"),
        [
            ({"CUDA_VISIBLE_DEVICES": ""}, "gpu-hidden"),
            ({"CUDA_VISIBLE_DEVICES": "7"}, "gpu-names-nothing"),
            ({"CUDA_VISIBLE_DEVICES": "0,7"}, "gpu-names-too-many"),
            ({"HPCPY_EMULATED_GPUS": "0"}, "gpu-not-found"),
            ({"HPCPY_EMULATED_GPUS": "broken"}, "gpu-driver-broken"),
        ],
    )
    def test_devices_that_are_not_seen(examine, emulated, variables, kind):
        report = examine("gpu", env={**emulated, **variables})
        assert kind in report.faults
        assert report.faults <= {kind, "gpu-driver-swapped"}

    def test_cupy_that_computes_and_nccl_for_too_many_ranks(examine, emulated, stand_in):
        report = examine("cupy,nccl", ranks=2, env=emulated)
        assert report.faults == {"nccl-shared-gpu"}
        assert "NCCL 2.27.3, 2 ranks, 1 GPU(s)" in report.found["nccl-shared-gpu"]["seen"]
        two = {**emulated, "HPCPY_EMULATED_GPUS": "2", "NCCL_SOCKET_IFNAME": "none7"}
        report = examine("cupy,nccl,network", ranks=2, env=two)
        assert "NCCL_SOCKET_IFNAME names none7" in report.found["interface-missing"]["seen"]
        assert not {"nccl-shared-gpu", "cupy-cannot-compute"} & report.faults

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ("raise ImportError('libnvrtc.so.13: cannot open')", "libnvrtc.so.13: cannot open"),
            ("import os; os.abort()", "ended by SIGABRT"),
        ],
    )
    def test_cupy_that_does_not_compute(examine, emulated, stand_in, fault, words):
        (stand_in / "cupy" / "__init__.py").write_text(f"{fault}\n")
        found = examine("cupy", env=emulated).found["cupy-cannot-compute"]
        assert words in found["seen"]
        assert 'pip install "cupy-cuda13x[ctk]"' in found["cure"]

    def test_cupy_without_nccl(examine, emulated, stand_in):
        (stand_in / "cupy" / "cuda" / "nccl.py").write_text("available = False\n")
        found = examine("nccl", env=emulated).found["nccl-missing"]
        assert found["cure"].endswith("nvidia-nccl-cu13")
