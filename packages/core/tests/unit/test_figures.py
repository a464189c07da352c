"""Pictures whatever backend the environment asks for."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from {module} import {name}
from hpcpy_core.figures import make_figure
figure = make_figure(figsize=(1, 1))
figure.subplots().plot([1, 2])
figure.savefig(sys.argv[1], format="png")
"""


@pytest.mark.parametrize(
    "backend", ["module://matplotlib_inline.backend_inline", "nonsense", "tkagg", "", None]
)
def test_a_backend_that_cannot_be_loaded_does_no_harm(tmp_path, backend):
    environ = {**os.environ, "PYTHONWARNINGS": "error", "HOME": str(tmp_path)}
    environ.pop("MPLBACKEND", None)
    if backend is not None:
        environ["MPLBACKEND"] = backend
    words = PROGRAM.format(module="hpcpy_core.figures", name="make_figure")
    picture = tmp_path / "a.png"
    argv = [sys.executable, "-c", words, str(picture)]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "module",
    [
        "hpcpy_diffusion.draw",
        "hpcpy_diffusion.ladder.draw",
        "hpcpy_diffusion.scaling.draw",
        "hpcpy_collectives.draw",
        "hpcpy_gpu_allreduce.draw",
        "hpcpy_mpiio.benchmark.draw",
    ],
)
def test_what_draws_is_imported_under_jupyters_backend(tmp_path, module):
    pytest.importorskip(module.partition(".")[0])
    environ = {**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    words = PROGRAM.format(module=module, name="__name__")
    argv = [sys.executable, "-c", words, str(tmp_path / "a.png")]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
