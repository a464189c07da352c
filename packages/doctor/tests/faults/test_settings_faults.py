"""Settings of a launcher, or files of the home, with which no mpiexec works; the cure is done."""

import os
import subprocess
from pathlib import Path

import pytest

from hpcpy_doctor.checks.mpi_jobs import try_mpi_job
from hpcpy_doctor.facts import collect_facts
from hpcpy_doctor.probing import run_probe
from hpcpy_doctor.probing.find_culprits import list_settings
from hpcpy_testing.mpiexec import Mpiexec

SETTINGS = {
    "mpich": [
        ("HYDRA_HOST_FILE", "/nonexistent/hosts"),
        ("HYDRA_LAUNCHER", "nonsense"),
        ("HYDRA_IFACE", "nonsense"),
        ("HYDRA_BINDING", "nonsense"),
        ("HYDRA_RMK", "nonsense"),
        ("MPIEXEC_PORT_RANGE", "x"),
        (".mpiexec.hydra.conf", "-launcher nonsense\n"),
    ],
    "openmpi": [
        ("PRTE_MCA_prte_default_hostfile", "/nonexistent/hosts"),
        ("PRTE_MCA_rmaps_default_mapping_policy", "garbage"),
        ("PRTE_MCA_oob_tcp_if_include", "nonsense"),
        ("PMIX_MCA_gds", "nonsense"),
        ("OMPI_MCA_pmix", "nonsense"),
        (".prte/mca-params.conf", "state = nonsense\n"),
        (".openmpi/mca-params.conf", "btl = nonsense\n"),
    ],
}
INNOCENT = {"UCX_LOG_LEVEL": "error", "FI_LOG_LEVEL": "warn", "HYDRA_PROXY_RETRY_COUNT": "2"}
FILES = {"mpich": ".mpiexec.conf", "openmpi": ".pmix/mca-params.conf"}


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture(scope="module")
def facts():
    return (collect_facts(),)


@pytest.fixture
def home(monkeypatch, tmp_path, mpiexec):
    """The home of a user who has settings, too, that do no harm, and no others."""
    for name in list_settings():
        if not name.startswith(os.sep):
            monkeypatch.delenv(name)
    for name, value in {**mpiexec.environment(), **INNOCENT, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    write(tmp_path / FILES[mpiexec.vendor], "")
    return tmp_path


def write(file, text):
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


@pytest.mark.parametrize("number", range(7))
def test_the_one_to_blame_is_named(monkeypatch, facts, home, mpiexec, number):
    name, value = SETTINGS[mpiexec.vendor][number]
    monkeypatch.setattr(run_probe, "hopeless", [])
    if name.startswith("."):
        write(home / name, value)
        monkeypatch.delenv("OMPI_MCA_btl", raising=False)  # it counts more than the file
        cure = f"mv {home / name} {home / name}.off"
    else:
        monkeypatch.setenv(name, value)
        cure = f"unset {name}"
    (found,) = try_mpi_job(facts)
    assert (found.level, found.cure) == ("error", cure), found
    # After the cure, a user's own mpiexec works.
    job = f"{cure}; {mpiexec.path} -n 2 true"
    more = {} if mpiexec.vendor == "mpich" else run_probe.MORE_RANKS_THAN_CORES
    environ = {**os.environ, **{key: more[key] for key in more if key not in os.environ}}
    assert subprocess.run(["bash", "-c", job], env=environ, timeout=60, check=False).returncode == 0


def test_one_that_only_a_launcher_complains_about(monkeypatch, facts, home, mpiexec):
    given = {"mpich": "HYDRA_PROXY_RETRY_COUNT", "openmpi": "PRTE_MCA_plm"}[mpiexec.vendor]
    monkeypatch.setattr(run_probe, "hopeless", [])
    monkeypatch.setenv(given, "nonsense")
    (found,) = try_mpi_job(facts)
    assert (found.id, found.cure) == ("mpi-setting-ignored", f"unset {given}")
    assert list(Path(home).glob("hpcpy*")) == []
