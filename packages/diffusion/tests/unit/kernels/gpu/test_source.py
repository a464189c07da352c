import re
from importlib.resources import files

import pytest

from hpcpy_diffusion.kernels.gpu.source import load_source

SOURCES = sorted(
    path.name
    for path in files("hpcpy_diffusion.kernels.gpu").iterdir()
    if path.name.endswith(".cu")
)


def test_the_sources_are_installed() -> None:
    assert {"sweep_once.cu", "sweep_tiles.cu"} <= set(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_whole_without_other_files(name: str) -> None:
    text = load_source(name)
    assert "#include" not in text
    assert text.count("ITEM update(ITEM north") == 1


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_has_one_kernel_of_its_name(name: str) -> None:
    kernels = re.findall(
        r'extern "C" __global__ void __launch_bounds__\(.*\)\s+(\w+)\(', load_source(name)
    )
    assert kernels == [name.removesuffix(".cu")]
