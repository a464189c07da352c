import os

import pytest

import find_gpu as module
from find_gpu import find_gpu


@pytest.fixture
def environ(tmp_path):
    """An environment whose hpcpy_core gives the answer in a file."""
    (tmp_path / "hpcpy_core").mkdir()
    (tmp_path / "hpcpy_core" / "__init__.py").touch()

    def put(body):
        (tmp_path / "hpcpy_core" / "find_gpu.py").write_text(f"def find_gpu():\n    {body}\n")
        return {**os.environ, "PYTHONPATH": str(tmp_path)}

    return put


def test_a_gpu_that_computes(environ):
    assert find_gpu(environ("return None")) is None


def test_the_reason_is_handed_on(environ):
    assert find_gpu(environ("return 'no driver: install one'")) == "no driver: install one"


def test_a_crash_is_told_by_its_last_words(environ):
    assert find_gpu(environ("import nowhere")) == "ModuleNotFoundError: No module named 'nowhere'"


def test_a_gpu_that_hangs_is_given_up(environ, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 1)
    assert "did not answer in 1 s" in find_gpu(environ("import time; time.sleep(60)"))
