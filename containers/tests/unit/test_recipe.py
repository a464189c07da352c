import subprocess
from itertools import product

import pytest

from image import FLAVOURS, KINDS, MPIS
from recipe import (
    CHECK,
    ENVIRONMENT,
    GENERATED,
    HOST_LAUNCHED,
    PREFIX,
    UNPACK_MPI,
    file_name,
    render,
)
from wheelhouse import sha256

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
def test_only_open_mpi_for_cuda_is_unpacked_and_only_with_the_right_hash(mpi, flavour, kind):
    lines = [line for line in render(mpi, flavour, kind).splitlines() if "cuda-mpi" in line]
    assert bool(lines) == ((mpi, flavour) == ("openmpi", "cuda"))
    assert all("sha256sum --check --quiet cuda-mpi.tar.xz.sha256 &&" in line for line in lines)


@pytest.fixture
def unpack(tmp_path, make_mpi_tar):
    """Run the recipe's own words on a build folder; return what came of them."""
    folder, prefix = tmp_path / "wheelhouse", tmp_path / "prefix"
    prefix.mkdir()
    folder.mkdir()

    def unpack(tar=None, digest=None):
        if tar:
            (folder / "cuda-mpi.tar.xz").write_bytes(tar.read_bytes())
            (folder / "cuda-mpi.tar.xz.sha256").write_text(f"{digest}  cuda-mpi.tar.xz\n")
        words = " && ".join(UNPACK_MPI).replace("/tmp", str(tmp_path / "unpacked"))
        words = words.replace(PREFIX, str(prefix)).replace("cd /wheelhouse", f"cd {folder}")
        done = subprocess.run(["sh", "-c", words], capture_output=True, text=True)
        return done, sorted(path.name for path in prefix.rglob("*"))

    return unpack


def test_the_mpi_gets_into_the_prefix(unpack, make_mpi_tar, tmp_path):
    tar = make_mpi_tar(tmp_path)
    done, files = unpack(tar, sha256(tar))
    assert done.returncode == 0, done.stderr
    assert files == ["hpcpy-parts.json", "share"]


def test_an_mpi_with_another_hash_ends_the_build(unpack, make_mpi_tar, tmp_path):
    done, files = unpack(make_mpi_tar(tmp_path), 64 * "0")
    assert done.returncode != 0
    assert files == []


def test_where_a_wheel_was_asked_for_there_is_nothing_to_unpack(unpack):
    done, files = unpack()
    assert (done.returncode, files) == (0, [])


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
