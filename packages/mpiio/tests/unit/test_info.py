import numpy as np
import pytest

from hpcpy_mpiio.__main__ import main


@pytest.mark.parametrize(
    ("array", "order"),
    [
        (np.zeros((101, 67), ">f8"), "C"),
        (np.asfortranarray(np.zeros((3, 4), "c8")), "Fortran"),
        (np.zeros(0, [("a", "<i4"), ("b", "S3")]), "C"),
    ],
    ids=["big-endian", "Fortran order", "no items"],
)
def test_valid_file(tmp_path, capsys, array, order):
    np.save(tmp_path / "u.npy", array)
    assert main(["info", str(tmp_path / "u.npy")]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        f"shape  {array.shape}",
        f"dtype  {array.dtype}",
        f"order  {order}",
        f"bytes  128 of header, {array.nbytes} of items",
        "valid",
    ]
    assert said.err == ""


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda saved: saved[:-1], "truncated: it has 175 bytes"),
        (lambda saved: saved + b"x", "too long: it has 177 bytes"),
    ],
    ids=["truncated", "too long"],
)
def test_file_of_another_size_is_described_and_invalid(tmp_path, capsys, order, change, fault):
    path = tmp_path / "u.npy"
    np.save(path, np.zeros((2, 3), order=order))
    path.write_bytes(change(path.read_bytes()))
    assert main(["info", str(path)]) == 1
    said = capsys.readouterr()
    assert "shape  (2, 3)" in said.out
    assert f"order  {'Fortran' if order == 'F' else 'C'}" in said.out
    assert "\nvalid" not in said.out
    assert fault in said.err


def test_pickle_is_invalid(tmp_path, capsys):
    np.save(tmp_path / "u.npy", np.array([{}]), allow_pickle=True)
    assert main(["info", str(tmp_path / "u.npy")]) == 1
    said = capsys.readouterr()
    assert "Python objects" in said.err
    assert said.out == ""


@pytest.mark.parametrize("name", ["missing.npy", "."])
def test_no_such_file_is_exit_code_2(tmp_path, capsys, name):
    assert main(["info", str(tmp_path / name)]) == 2
    assert capsys.readouterr().err.startswith("error: ")
