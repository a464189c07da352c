import shlex
import tarfile

import pytest

from build_sif import build_sif, how_to_run_sif
from hpcpy_core.errors import HpcpyError, InputError

SAYS_ITS_WORDS = """
while [ $# -gt 2 ]; do echo "$1" >> words; shift; done
cp "$2" "$1"
"""


@pytest.fixture
def build(tmp_path):
    (tmp_path / "image.def").write_text("the definition")

    def build(base):
        target = tmp_path / "image.sif"
        build_sif(tmp_path / "image.def", tmp_path, target, base=base, revision="abc")
        return target.read_text(), (tmp_path / "words").read_text().splitlines()

    return build


def test_a_reference_is_left_to_apptainer(build, tools):
    tools("apptainer", SAYS_ITS_WORDS)
    text, words = build("docker.io/library/python:3.11")
    assert text == "the definition"
    assert {"AGENT=docker", "BASE=docker.io/library/python:3.11", "REVISION=abc"} < set(words)


def test_a_tar_is_unpacked_for_the_build_and_gone_after_it(build, tools, tmp_path, monkeypatch):
    monkeypatch.setenv("APPTAINER_TMPDIR", str(tmp_path))
    (tmp_path / "os-release").write_text("a base")
    with tarfile.open(tmp_path / "base.tar", "w") as tar:
        tar.add(tmp_path / "os-release", "etc/os-release")
    find = 'for w in "$@"; do case $w in BASE=*) cat "${w#BASE=}/etc/os-release" > seen; esac; done'
    tools("apptainer", f"{find}\n{SAYS_ITS_WORDS}")
    _, words = build(tmp_path / "base.tar")
    assert "AGENT=localimage" in words
    assert (tmp_path / "seen").read_text() == "a base"
    assert not list(tmp_path.glob("hpcpy-base-*"))


def test_without_apptainer_it_says_how_to_get_it(build, tools):
    with pytest.raises(InputError, match=r"no apptainer on PATH: .*ci/install-apptainer.sh"):
        build("python:3.11")


def test_a_base_that_cannot_be_had_is_the_input_s_fault(build, tools):
    tools("apptainer", "echo FATAL: conveyor failed to get: no such host; exit 255")
    with pytest.raises(InputError, match=r"3.11 cannot be had: .* --base made .*no such host"):
        build("python:3.11")


def test_any_other_failure_is_told_in_apptainer_s_words(build, tools):
    tools("apptainer", "echo FATAL: while running post; exit 255")
    with pytest.raises(
        HpcpyError, match="apptainer ended with 255: FATAL: while running"
    ) as caught:
        build("python:3.11")
    assert caught.value.exit_code == 1


def test_the_lines_to_copy_name_the_program_and_the_image_by_their_paths(tools, tmp_path):
    tools("apptainer", "exit 0")
    image = tmp_path / "a folder" / "hpcpy-mpich-cpu.sif"
    lines = [shlex.split(line) for line in how_to_run_sif(image).splitlines() if line[:4] == "    "]
    start = [str(tmp_path / "tools" / "apptainer"), "exec", str(image)]
    job = ["hpcpy-collectives", "demo", "ring_shift"]
    assert lines == [
        [start[0], "run", str(image)],
        [*start, "mpirun", "-n", "4", *job],
        ["mpiexec", "-n", "4", *start, *job],
    ]
