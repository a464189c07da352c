import pytest

from hpcpy_doctor.probing.find_culprits import SETTINGS, find_culprits, list_settings

USERS = {"FI_PROVIDER": "none", "MPIR_CVAR_NOLOCAL": "1", "UCX_TLS": "tcp"}


@pytest.fixture(autouse=True)
def settings(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith(SETTINGS)]:
        monkeypatch.delenv(name)
    for name, value in USERS.items():
        monkeypatch.setenv(name, value)


def test_settings_are_not_what_the_launcher_sets():
    environ = {"OMPI_MCA_pml": "ucx", "OMPI_MCA_ess": "pmix", "PMI_RANK": "0", "HOME": "/"}
    assert list_settings(environ) == ["OMPI_MCA_pml"]


@pytest.mark.parametrize(
    ("works", "culprits"),
    [
        (lambda names: "UCX_TLS" in names, ["UCX_TLS"]),
        (lambda names: {"UCX_TLS", "FI_PROVIDER"} <= set(names), sorted(USERS)),
        (lambda names: False, []),
    ],
    ids=["one", "two", "none of them"],
)
def test_the_one_to_blame_is_found(works, culprits):
    assert find_culprits(works, 60.0) == culprits


def test_without_settings_nothing_is_tried(monkeypatch):
    for name in USERS:
        monkeypatch.delenv(name)
    assert find_culprits(lambda names: pytest.fail("tried"), 60.0) == []


def test_the_search_ends_with_its_time():
    tried = []
    assert find_culprits(lambda names: not tried.append(names), 0.0) == sorted(USERS)
    assert tried == [sorted(USERS)]
