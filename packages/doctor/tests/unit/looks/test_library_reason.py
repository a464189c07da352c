import pytest

from hpcpy_doctor.looks.library_reason import explain_choice, names_file
from hpcpy_doctor.looks.load_trace import LoadTrace

PATH = "/site/lib/libmpi.so.12"


def trace(*tried, **other):
    chosen = tried[-1] if tried else None
    return LoadTrace(tried=tried, chosen=chosen, path=PATH, **other)


@pytest.mark.parametrize(
    ("seen", "environ", "reason"),
    [
        (trace(), {}, "mpi4py was compiled for it"),
        (
            trace(abi="mpich"),
            {"LD_LIBRARY_PATH": "/other:/site/lib"},
            "MPI4PY_MPIABI=mpich, found by LD_LIBRARY_PATH",
        ),
        (trace(""), {"LD_PRELOAD": PATH}, "LD_PRELOAD names it"),
        (trace(""), {}, "the process has it already"),
        (trace("", PATH), {"MPI4PY_LIBMPI": PATH}, "MPI4PY_LIBMPI names it"),
        (trace("", "/env/lib/libmpi.so.12"), {}, "mpi4py looks into /env/lib first"),
        (trace("", "libmpi.so.12"), {}, "found in the system's folders"),
        (trace("", "libmpi.so"), {"LD_LIBRARY_PATH": "/site/lib"}, "found by LD_LIBRARY_PATH"),
    ],
)
def test_the_reason_of_each_way(seen, environ, reason):
    assert explain_choice(seen, environ) == reason


def test_a_file_is_named_by_its_folder_and_through_links(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "libmpi.so.12").touch()
    (tmp_path / "link").symlink_to("real")
    for places in (f"{tmp_path}/link", f"/x:{tmp_path}/link/libmpi.so.12", f"{tmp_path}/real"):
        assert names_file(places, f"{tmp_path}/real/libmpi.so.12")
    for places in ("", ":", str(tmp_path), f"{tmp_path}/real/libmpi.so"):
        assert not names_file(places, f"{tmp_path}/real/libmpi.so.12")
