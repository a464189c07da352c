import pytest

from hpcpy_doctor.looks.container import find_container


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"APPTAINER_CONTAINER": "/a.sif", "SINGULARITY_CONTAINER": "/a.sif"}, "Apptainer, /a.sif"),
        ({"SINGULARITY_CONTAINER": "/a.sif"}, "Singularity, /a.sif"),
        ({"CH_RUNNING": "Weird Al Yankovic"}, "Charliecloud"),
        ({"container": "systemd-nspawn"}, "systemd-nspawn"),
        ({}, "None"),
    ],
)
def test_by_variables(tmp_path, environ, told):
    assert str(find_container(environ, tmp_path)) == told


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        (".dockerenv", "", "Docker"),
        ("run/.containerenv", 'engine="podman-4.3.1"\nimage="x:1"\n', "Podman, x:1"),
        ("run/.containerenv", "", "Podman"),
        ("proc/1/cgroup", "12:pids:/kubepods/burstable/pod1\n0::/\n", "kubepods"),
        ("proc/1/cgroup", "0::/init.scope\n", "None"),
    ],
)
def test_by_files(tmp_path, file, text, told):
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    assert str(find_container({}, tmp_path)) == told


def test_apptainer_inside_of_docker_is_the_nearer_one(tmp_path):
    (tmp_path / ".dockerenv").touch()
    assert find_container({"APPTAINER_CONTAINER": "/a.sif"}, tmp_path).kind == "Apptainer"
