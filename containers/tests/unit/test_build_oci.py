import shlex
import tarfile

import pytest

from build_oci import build_oci, find_builder, how_to_run_oci
from hpcpy_core.errors import InputError

# Knows no image, builds any, and writes the archive that was put into its folder.
WORKS = """
echo "$@" >> {log}
case "$1" in
    inspect|image) exit 1;;
    save|push) for word in "$@"; do case $word in *oci.tar*) to=${{word#oci-archive:}}; esac; done
        cp {archive} "${{to%:hpcpy:*}}";;
esac
"""


@pytest.fixture
def builder(tmp_path, tools):
    """Return a function that makes a builder; what it was asked to do is in its log."""

    def make(name, member="oci-layout"):
        log, archive = tmp_path / f"{name}.log", tmp_path / f"{name}.tar"
        (tmp_path / member).write_text("{}")
        with tarfile.open(archive, "w") as tar:
            tar.add(tmp_path / member, member)
        tools(name, WORKS.format(log=log, archive=archive))
        return log

    return make


@pytest.fixture
def build(tmp_path):
    def build(base="python:3.11"):
        target, recipe = tmp_path / "image.oci.tar", tmp_path / "Dockerfile"
        build_oci(recipe, tmp_path, target, tag="hpcpy:x", base=base, revision="abc")
        with tarfile.open(target) as tar:
            return tar.getnames()

    return build


def test_a_docker_without_its_daemon_does_not_count(builder, tools):
    tools("docker", "echo Cannot connect to the Docker daemon >&2; exit 1")
    builder("buildah")
    assert find_builder().name == "buildah"


def test_without_any_it_says_what_installs_one(tools):
    with pytest.raises(InputError, match=r"none of docker, podman, buildah .*install-buildah.sh"):
        find_builder()


@pytest.mark.parametrize("name", ["docker", "podman", "buildah"])
def test_each_builds_from_the_base_and_saves(builder, build, name):
    log = builder(name)
    assert build() == ["oci-layout"]
    words = log.read_text()
    assert "pull python:3.11\n" in words
    assert "--build-arg BASE=python:3.11 --build-arg REVISION=abc --tag hpcpy:x ." in words
    assert ("--format docker" in words) == (name != "docker")  # for the HEALTHCHECK


def test_a_base_made_here_becomes_an_image_first(builder, build, tmp_path):
    log = builder("buildah")
    (tmp_path / "bookworm-1-2.tar").write_text("a tar")
    build(tmp_path / "bookworm-1-2.tar")
    words = log.read_text()
    assert "--tag localhost/hpcpy-base:bookworm-1-2 ." in words
    assert "BASE=localhost/hpcpy-base:bookworm-1-2" in words
    assert "pull" not in words


def test_a_base_that_cannot_be_had_is_the_input_s_fault(tools, build):
    tools("podman", "case $1 in info) exit 0;; pull) echo no such host >&2; esac; exit 125")
    with pytest.raises(InputError, match=r"3.11 cannot be had: .* --base made .*no such host"):
        build()


def test_a_docker_that_writes_no_oci_archive_is_refused(builder, build):
    builder("docker", member="manifest.json")
    with pytest.raises(InputError, match="writes no OCI archive: docker does from version 25 on"):
        build()


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("docker", ["docker load", "docker run"]),
        ("podman", ["podman load", "podman run"]),
        ("buildah", ["docker load", "docker run", "container=$(buildah from", "buildah run"]),
    ],
)
def test_the_lines_to_copy_are_for_what_works_here(builder, tmp_path, name, starts):
    builder(name)
    archive = tmp_path / "a folder" / "image.oci.tar"
    text = how_to_run_oci(archive, "hpcpy:x")
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts
    assert shlex.split(lines[0])[-1] == str(archive)
    job = "mpirun -n 4 hpcpy-collectives demo ring_shift"
    assert lines[1] == f"{starts[1]} --rm --shm-size=1g hpcpy:x {job}"
