import pytest

from hpcpy_core.errors import HpcpyError
from hpcpy_diffusion.kernels.gpu.compile_source import OPTIONS, compile_source
from hpcpy_testing.emulated_cupy import EmulatedCupy


def test_a_kernel_is_compiled_once(cupy: EmulatedCupy) -> None:
    first = compile_source("sweep_once.cu", "sweep_once", ["-DITEM=float64"])
    assert compile_source("sweep_once.cu", "sweep_once", ("-DITEM=float64",)) is first


def test_products_and_sums_are_rounded_each(
    cupy: EmulatedCupy, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {}

    class Module:
        def __init__(self, **options: object) -> None:
            given.update(options)

        def get_function(self, name: str) -> str:
            return name

    monkeypatch.setattr(cupy, "RawModule", Module)
    options = ("-DITEM=float32", "-DANOTHER=1")  # which no other test has had compiled
    assert compile_source("sweep_once.cu", "sweep_once", options, cooperative=True) == "sweep_once"
    assert "-fmad=false" in OPTIONS
    assert given["options"] == (*OPTIONS, *options)
    assert given["enable_cooperative_groups"] is True


def test_what_the_compiler_says_is_told(cupy: EmulatedCupy) -> None:
    with pytest.raises(HpcpyError, match=r"cannot compile sweep_once\.cu for this GPU: ") as caught:
        compile_source("sweep_once.cu", "sweep_once", ["-DITEM=quaternion"])
    assert "quaternion" in str(caught.value)
    assert "show_config" in str(caught.value)
    assert caught.value.exit_code == 1


def test_a_kernel_that_is_not_there_is_told(cupy: EmulatedCupy) -> None:
    with pytest.raises(HpcpyError, match="sweep_twice"):
        compile_source("sweep_once.cu", "sweep_twice", ["-DITEM=float64"])
