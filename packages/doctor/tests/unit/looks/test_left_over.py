import os
import socket
from pathlib import Path

import pytest

from hpcpy_doctor.looks.left_over import describe_left_over

PRTERUN = {"OMPI_COMM_WORLD_SIZE": "3", "PMIX_RANK": "0", "PMIX_NAMESPACE": "prterun-node1-7@1"}


def test_without_a_launcher_there_is_nothing_to_look_at():
    assert describe_left_over({}) is None
    assert describe_left_over({"SLURM_STEP_ID": "0", "PMI_SIZE": "3"}) is None


def test_hydras_connection():
    one, other = socket.socketpair()
    with one, other:
        assert describe_left_over({"PMI_SIZE": "3", "PMI_FD": str(one.fileno())}) is None
        closed = other.fileno()
    said = describe_left_over({"PMI_SIZE": "3", "PMI_FD": str(closed)})
    assert said == "PMI_FD names a connection that is not open"
    with Path(os.devnull).open() as file:
        said = describe_left_over({"PMI_SIZE": "3", "PMI_FD": str(file.fileno())})
        assert said == "PMI_FD names an open file that is no connection"
    assert "not open" in describe_left_over({"PMI_FD": "many"})


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"PMI_SIZE": "4", "PMI_RANK": "0"}, "PMI_SIZE=4 is set, but not PMI_FD"),
        ({"OMPI_COMM_WORLD_SIZE": "4"}, "OMPI_COMM_WORLD_SIZE=4 is set, but not PMIX_NAMESPACE"),
        ({"PMI_SIZE": "4", "PMI_PORT": "node1:7"}, None),
    ],
)
def test_a_size_without_a_connection(environ, said):
    assert describe_left_over(environ) == said


def test_open_mpis_server(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        uri = {"PMIX_SERVER_URI41": f"prterun-node1-7@0.0;tcp4://127.0.0.1:{port}"}
        gone = {**PRTERUN, **uri, "PMIX_SERVER_TMPDIR": str(tmp_path / "gone")}
        assert describe_left_over(gone) is None  # the folder is outside of this container
    assert describe_left_over({**gone, "PMIX_SERVER_TMPDIR": str(tmp_path)}) is None
    assert describe_left_over({**PRTERUN, **uri}) is None
    said = describe_left_over(gone)
    assert said == f"PMIX_SERVER_URI41 leads to 127.0.0.1:{port}: Connection refused"
