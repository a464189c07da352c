from types import SimpleNamespace

import pytest

from hpcpy_core.awareness import identity as module
from hpcpy_core.awareness.identity import identify
from hpcpy_core.cuda_driver import NoDriverError
from hpcpy_core.find_library import Library


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A machine with two devices and a library; its tests change them."""
    library = tmp_path / "lib" / "libmpi.so.40"
    library.parent.mkdir()
    library.write_text("MPI")
    driver = SimpleNamespace(names=["GPU a", "GPU a"], number=13000)
    driver.count_devices = lambda: len(driver.names)
    driver.device_name = lambda device: driver.names[device]
    driver.version = lambda: driver.number
    monkeypatch.setattr(module, "load_driver", lambda: driver)
    found = Library(path=str(library), text="Open MPI 5")
    monkeypatch.setattr(module, "find_library", lambda: found)
    return SimpleNamespace(driver=driver, library=library)


OUTSIDE = {"PATH": "/bin", "OMPI_MCA_pml": "ucx", "LD_LIBRARY_PATH": "/ucx:/driver"}


def inside(here):
    """Return the environment of a rank, as Open MPI's mpirun and Slurm make it."""
    folder = here.library.parent
    return {
        **OUTSIDE,
        "LD_LIBRARY_PATH": f"{folder}:{folder}:/ucx:/driver:/ucx",
        "OMPI_COMM_WORLD_RANK": "0",
        "OMPI_MCA_initial_wdir": "/tmp",
        "OMPI_MCA_num_procs": "3",
        "OMPI_MCA_orte_hnp_uri": "1.0;tcp://10.0.0.1:1",
        "PMIX_RANK": "0",
        "SLURM_PROCID": "0",
        "I_MPI_INFO_CORE": "0,1",
        "OPAL_PREFIX": "/opt",
    }


def test_a_rank_and_the_shell_before_it_are_the_same(here):
    assert identify(inside(here)) == identify(OUTSIDE)


@pytest.mark.parametrize(
    "change",
    [
        {"OMPI_MCA_pml": "ob1"},
        {"UCX_TLS": "tcp"},
        {"MPIR_CVAR_ENABLE_GPU": "1"},
        {"LD_LIBRARY_PATH": "/driver:/ucx"},
        {"APPTAINER_CONTAINER": "/image.sif"},
    ],
    ids=str,
)
def test_what_changes_mpi_changes_it(here, change):
    assert identify({**OUTSIDE, **change}) != identify(OUTSIDE)


def test_other_variables_do_not(here):
    assert identify({**OUTSIDE, "HOME": "/x", "HPCPY_DEVICE": "gpu"}) == identify(OUTSIDE)


def test_library_driver_and_devices_change_it(here):
    seen = [identify(OUTSIDE)]
    here.library.write_text("MPI, built anew")
    seen.append(identify(OUTSIDE))
    here.driver.number = 12040
    seen.append(identify(OUTSIDE))
    here.driver.names = ["GPU a"]
    seen.append(identify(OUTSIDE))
    here.driver.names = ["GPU b"]
    seen.append(identify(OUTSIDE))
    assert all(seen.count(each) == 1 for each in seen)


def test_nothing_holds_without_a_driver_or_a_library(here, monkeypatch):
    def fail():
        raise NoDriverError("none")

    with monkeypatch.context() as patch:
        patch.setattr(module, "load_driver", fail)
        assert identify(OUTSIDE) is None
    here.library.unlink()
    assert identify(OUTSIDE) is None
    monkeypatch.setattr(module, "find_library", lambda: None)
    assert identify(OUTSIDE) is None
