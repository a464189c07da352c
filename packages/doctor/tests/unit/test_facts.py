import json
from dataclasses import asdict

from hpcpy_doctor.facts import collect_facts

HYDRA = {"PMI_SIZE": "4", "PMI_RANK": "2", "MPI_LOCALNRANKS": "4"}


def test_what_the_launcher_announced_and_nothing_private(monkeypatch):
    facts = collect_facts({**HYDRA, "SECRET_TOKEN": "x", "OMP_NUM_THREADS": "3"})
    assert (facts.launcher, facts.size, facts.rank) == ("mpiexec of MPICH (Hydra)", 4, 2)
    assert dict(facts.environ) == {**HYDRA, "OMP_NUM_THREADS": "3"}
    assert json.loads(json.dumps(asdict(facts)))["versions"]["python"]


def test_of_a_credential_only_the_name_is_told():
    given = {"SLURM_JWT": "abcdefghij", "CONDA_TOKEN": "x", "SLURM_JOB_ID": "7"}
    address = {"HPCPY_INDEX": "https://me:pw@host/simple"}
    masked = {"SLURM_JWT": "***", "CONDA_TOKEN": "***", "HPCPY_INDEX": "https://***@host/simple"}
    assert dict(collect_facts({**given, **address}).environ) == {**masked, "SLURM_JOB_ID": "7"}


def test_in_a_folder_that_is_gone(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert collect_facts({}).folder == ""
