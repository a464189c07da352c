import pytest

from hpcpy_core.errors import HpcpyError
from prove import COMPONENTS, environment, prove

ALL_RIGHT = "echo rank-1-of-2; echo rank-0-of-2"


@pytest.fixture
def install(tmp_path, script):
    """Return a function that makes an MPI of two scripts."""
    prefix = tmp_path / "mpi"

    def make(*, lists=COMPONENTS, at=prefix, says=ALL_RIGHT):
        lines = "".join(f"echo '  {line} (MCA v2.1.0)'\n" for line in lists)
        script(prefix / "bin" / "ompi_info", f"echo '  Prefix: {at}'\n{lines}")
        script(prefix / "bin" / "mpiexec", says)
        return prefix

    return make


def test_a_whole_mpi_is_accepted(install, tmp_path):
    prove(install(), tmp_path)


def test_a_component_that_is_missing_is_named(install, tmp_path):
    with pytest.raises(HpcpyError, match=r"ompi_info does not list MCA coll: cuda$"):
        prove(install(lists=[name for name in COMPONENTS if "coll" not in name]), tmp_path)


def test_one_that_looks_elsewhere_is_found_out(install, tmp_path):
    with pytest.raises(HpcpyError, match="does not list its prefix"):
        prove(install(at="/opt/cuda-mpi"), tmp_path)


def test_ranks_that_say_nothing_are_found_out(install, tmp_path):
    with pytest.raises(HpcpyError, match=r"two ranks of .* did not both say"):
        prove(install(says="echo rank-0-of-2"), tmp_path)


def test_ranks_that_fail_are_quoted(install, tmp_path):
    with pytest.raises(HpcpyError, match="ended with 3: because"):
        prove(install(says="echo because >&2; exit 3"), tmp_path)


@pytest.mark.parametrize("known", ["", ":/site/lib"])
def test_it_is_tried_without_a_driver_too(install, tmp_path, monkeypatch, known):
    monkeypatch.setenv("LD_LIBRARY_PATH", known[1:])
    prefix = install(says=f"{ALL_RIGHT}; echo $OPAL_PREFIX $LD_LIBRARY_PATH >> {tmp_path}/log")
    prove(prefix, tmp_path / "stub")
    assert (tmp_path / "log").read_text().splitlines() == [
        f"{prefix} {tmp_path}/stub{known}",
        f"{prefix} {known[1:]}".strip(),
    ]


@pytest.mark.parametrize("name", ["PMIX_NAMESPACE", "MPI4PY_MPIABI"])
def test_what_would_mislead_it_does_not_get_through(install, tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, "set")
    prove(install(says=f"{ALL_RIGHT}; [ -z ${name} ]"), tmp_path)


def test_the_variables_name_the_place(tmp_path):
    assert environment(tmp_path) == {
        "OPAL_PREFIX": str(tmp_path),
        "MPI4PY_LIBMPI": f"{tmp_path}/lib/libmpi.so.40",
    }
