import subprocess
import sys
from importlib.util import find_spec

import pytest

from hpcpy_core.lazy import lazy_attributes


def test_a_name_is_imported_at_its_first_use(monkeypatch):
    monkeypatch.delitem(sys.modules, "json.tool", raising=False)
    get = lazy_attributes("json", {"main": "tool"})
    assert "json.tool" not in sys.modules
    assert get("main") is sys.modules["json.tool"].main


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'json' has no attribute 'man'"):
        lazy_attributes("json", {"main": "tool"})("man")


def test_names_that_were_not_imported_yet_are_listed():
    program = (
        "import sys\n"
        "import {package} as package\n"
        "assert set(package.__all__) <= set(dir(package)), dir(package)\n"
        "assert 'mpi4py.MPI' not in sys.modules\n"
        "assert '__name__' in dir(package)\n"
    )
    for package in ("hpcpy_gpu_allreduce", "hpcpy_diffusion", "hpcpy_mpiio", "hpcpy_spawn_pi"):
        if find_spec(package):
            body = program.format(package=package)
            subprocess.run([sys.executable, "-c", body], check=True, timeout=60)
