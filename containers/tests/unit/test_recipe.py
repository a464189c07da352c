import subprocess
from itertools import product

import pytest

from image import FLAVOURS, KINDS, MPIS
from recipe import CHECK, ENVIRONMENT, GENERATED, HOST_LAUNCHED, file_name, render

ALL = list(product(MPIS, FLAVOURS, KINDS))


@pytest.mark.parametrize(("mpi", "flavour", "kind"), ALL)
def test_what_is_committed_is_what_the_recipe_says(mpi, flavour, kind):
    path = GENERATED / file_name(mpi, flavour, kind)
    assert path.read_text() == render(mpi, flavour, kind), "write them again: nox -s recipes"


def test_nothing_else_is_committed():
    assert {path.name for path in GENERATED.iterdir()} == {file_name(*one) for one in ALL}


@pytest.mark.parametrize("kind", KINDS)
def test_the_image_gets_the_environment_and_no_wheels(kind):
    text = render("mpich", "cpu", kind)
    start, copy = {
        "docker": ("FROM ${BASE} AS image", "COPY --from=build /opt/hpcpy /opt/hpcpy"),
        "apptainer": ("Stage: image", "%files from build\n    /opt/hpcpy /opt/hpcpy"),
    }[kind]
    build, image = text.split(start)
    assert "/wheelhouse" in build
    assert "/wheelhouse" not in image
    assert copy in image


@pytest.mark.parametrize("kind", KINDS)
def test_wheels_are_installed_by_their_hashes_and_from_no_index(kind):
    (line,) = [line for line in render("mpich", "cpu", kind).splitlines() if " install " in line]
    assert "--no-index" in line
    assert "--require-hashes" in line


@pytest.mark.parametrize(("mpi", "flavour", "kind"), ALL)
def test_the_same_environment_and_check_are_in_both_kinds(mpi, flavour, kind):
    text = render(mpi, flavour, kind)
    for name, value in {**ENVIRONMENT[mpi], **ENVIRONMENT[flavour]}.items():
        assert f"{name}={value}" in text
    assert {"docker": f"CMD {CHECK}", "apptainer": f"%test\n    {CHECK}"}[kind] in text


@pytest.mark.parametrize(
    ("outside", "expected"),
    [
        ("HOME=/root", "default"),
        ("HOME=/root\nPMI_RANK=0", "0"),
        ("PMIX_RANK=0\nHOME=/root", "0"),
        ("PMI_RANK=0\nMPIR_CVAR_CH4_CMA_ENABLE=1", "default"),  # Apptainer sets it after this
        (None, "0"),  # another runtime, that does not say
    ],
)
def test_mpich_reads_no_memory_of_ranks_that_the_host_launched(outside, expected):
    script = HOST_LAUNCHED.removeprefix("%environment\n")
    show = f"{script}\necho ${{MPIR_CVAR_CH4_CMA_ENABLE:-default}}"
    variables = {} if outside is None else {"__exported_env__": outside}
    done = subprocess.run(["sh", "-c", show], env=variables, capture_output=True, text=True)
    assert done.stdout == f"{expected}\n"
