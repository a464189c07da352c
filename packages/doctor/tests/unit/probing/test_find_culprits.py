import pytest

from hpcpy_doctor.probing.find_culprits import (
    SETTINGS,
    find_culprits,
    list_set_by_files,
    list_settings,
)

USERS = {"FI_PROVIDER": "none", "MPIR_CVAR_NOLOCAL": "1", "UCX_TLS": "tcp"}


@pytest.fixture(autouse=True)
def settings(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith(SETTINGS)]:
        monkeypatch.delenv(name)
    for name, value in USERS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", "/nonexistent")


def test_settings_are_not_what_the_launcher_sets():
    inside = {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_MCA_ess": "pmix", "PMI_RANK": "0"}
    hydras = {"MPIR_CVAR_CH3_INTERFACE_HOSTNAME": "vm", "HYDI_CONTROL_FD": "7"}
    users = {"OMPI_MCA_pml": "ucx", "HYDRA_HOST_FILE": "/hosts", "PRTE_MCA_plm": "ssh"}
    assert list_settings({**inside, **hydras, **users, "HOME": "/"}) == sorted(users)


def test_files_of_the_home_are_settings(tmp_path):
    for name in (".prte/mca-params.conf", ".mpiexec.hydra.conf", ".bashrc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".openmpi" / "mca-params.conf").mkdir(parents=True)  # no file
    found = list_settings({"HOME": str(tmp_path), "UCX_TLS": "tcp"})
    files = [f"{tmp_path}/.prte/mca-params.conf", f"{tmp_path}/.mpiexec.hydra.conf"]
    assert found == ["UCX_TLS", *files]


def test_what_files_set_must_not_be_hidden_by_variables(tmp_path):
    (tmp_path / ".openmpi").mkdir()
    (tmp_path / ".openmpi" / "mca-params.conf").write_text(
        "# a = comment\n\n btl = self,sm\npml=ob1\n"
    )
    found = list_set_by_files({"HOME": str(tmp_path)})
    assert {"OMPI_MCA_btl", "OMPI_MCA_pml"} <= found
    assert list_set_by_files({}) == set()


@pytest.mark.parametrize(
    ("works", "culprits"),
    [
        (lambda names: "UCX_TLS" in names, ["UCX_TLS"]),
        (lambda names: {"UCX_TLS", "FI_PROVIDER"} <= set(names), ["FI_PROVIDER", "UCX_TLS"]),
        (lambda names: False, []),
    ],
    ids=["one", "two", "none of them"],
)
def test_the_one_to_blame_is_found(works, culprits):
    assert find_culprits(works, 60.0) == culprits


def test_one_that_the_job_quotes_is_tried_first():
    tried = []

    def works(out):
        tried.append(out)
        return "FI_PROVIDER" in out

    assert find_culprits(works, 60.0, "no provider: FI_PROVIDER=none, 1 tcp") == ["FI_PROVIDER"]
    assert tried == [["FI_PROVIDER"]]


@pytest.mark.parametrize("number", [1, 2, 7, 32])
def test_of_many_any_two_are_found_with_few_tries(monkeypatch, number):
    names = [f"UCX_{letter:02}" for letter in range(number)]
    for name in names:
        monkeypatch.setenv(name, "x")
    for guilty in {(names[0], names[-1]), (names[0], names[number // 2])}:
        tried = []

        def works(out, guilty=guilty, tried=tried):
            tried.append(out)
            return set(guilty) <= set(out)

        assert find_culprits(works, 60.0) == sorted(set(guilty))
        assert len(tried) <= 30


def test_without_settings_nothing_is_tried(monkeypatch):
    for name in USERS:
        monkeypatch.delenv(name)
    assert find_culprits(lambda names: pytest.fail("tried"), 60.0) == []


def test_the_search_ends_with_its_time():
    tried = []
    assert find_culprits(lambda names: not tried.append(names), 0.0) == sorted(USERS)
    assert tried == [sorted(USERS)]
