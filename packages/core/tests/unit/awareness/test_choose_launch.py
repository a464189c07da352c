import pytest

from hpcpy_core.awareness import choose_launch as module
from hpcpy_core.awareness.choose_launch import choose_launch
from hpcpy_core.cuda_driver import NoDriverError
from hpcpy_core.expendable import MORE_RANKS_THAN_CORES, STARTS_SOONER

GIVEN = ("OMPI_MCA_pml", "UCX_TLS", "PMI_RANK", "SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_PROCID")


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """A machine with a device and an mpiexec, and a job around this process."""
    monkeypatch.setattr(module, "load_driver", lambda: None)
    monkeypatch.setattr(module, "find_mpiexec", lambda: "/bin/mpiexec")
    for name in (*MORE_RANKS_THAN_CORES, *STARTS_SOONER):
        monkeypatch.delenv(name, raising=False)
    for name in GIVEN:
        monkeypatch.setenv(name, "given")


def test_two_ranks_with_the_users_variables_and_without_the_launchers():
    words, environ = choose_launch(None)
    assert words == ["/bin/mpiexec", "-n", "2"]
    assert environ["OMPI_MCA_pml"] == environ["UCX_TLS"] == "given"
    assert MORE_RANKS_THAN_CORES.items() <= environ.items()
    assert not environ.keys() & {*GIVEN[2:], *STARTS_SOONER}


def test_words_of_the_user_work_in_their_allocation_and_with_their_policy():
    words, environ = choose_launch(["srun", "-n", "2"])
    assert words == ["srun", "-n", "2"]
    assert environ["OMPI_MCA_pml"] == environ["SLURM_JOB_ID"] == "given"
    assert not environ.keys() & {"PMI_RANK", "SLURM_STEP_ID", "SLURM_PROCID"}
    assert not environ.keys() & MORE_RANKS_THAN_CORES.keys()


def test_only_words_of_the_user_reach_a_machine_with_a_device(monkeypatch):
    def fail():
        raise NoDriverError("none")

    monkeypatch.setattr(module, "load_driver", fail)
    with pytest.raises(NoDriverError):
        choose_launch(None)
    assert choose_launch(["srun"])[0] == ["srun"]
