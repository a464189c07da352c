import os

import pytest

from hpcpy_doctor.wants_color import wants_color

STAT = "{pid} ({name}) S {parent} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n"


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in ("NO_COLOR", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def below_launcher(tmp_path, monkeypatch):
    """Return a function that makes this a rank of a launcher with that stdout."""
    monkeypatch.setenv("PMI_SIZE", "2")
    monkeypatch.setenv("PMI_RANK", "0")

    def make(stdout):
        processes = ((os.getppid(), "hydra_pmi_proxy", 20), (20, "mpiexec", 10), (10, "bash", 0))
        for pid, name, parent in processes:
            (tmp_path / str(pid) / "fd").mkdir(parents=True)
            (tmp_path / str(pid) / "stat").write_text(
                STAT.format(pid=pid, name=name, parent=parent)
            )
            (tmp_path / str(pid) / "fd/1").symlink_to(stdout if name == "mpiexec" else "pipe:[1]")
        return tmp_path

    return make


@pytest.mark.parametrize("on_terminal", [True, False])
def test_alone_the_terminal_decides(monkeypatch, on_terminal):
    monkeypatch.setattr("sys.stdout.isatty", lambda: on_terminal, raising=False)
    assert wants_color("auto") == on_terminal
    assert wants_color("always")
    assert not wants_color("never")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_color("auto")
    assert wants_color("always")


@pytest.mark.parametrize(("stdout", "wanted"), [("/dev/pts/3", True), ("/tmp/log", False)])
def test_in_a_job_the_launchers_output_decides(below_launcher, monkeypatch, stdout, wanted):
    """A rank of Open MPI writes to a terminal of its own, even if mpirun writes to a file."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert wants_color("auto", below_launcher(stdout)) == wanted


def test_a_launcher_that_nobody_sees(below_launcher, tmp_path):
    assert not wants_color("auto", tmp_path)
