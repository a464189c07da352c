import numpy as np
import pytest

from hpcpy_core.run_alone import run_alone
from hpcpy_mpiio.sidecar.command import xdmf


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command in a folder with two frames."""
    monkeypatch.chdir(tmp_path)
    for step in range(2):
        np.save(tmp_path / f"{step}.npy", np.full((5, 7), float(step)))

    return lambda *argv: run_alone(xdmf, argv)


def test_files_become_a_series(run, tmp_path):
    argv = ("0.npy", "1.npy", "--output", "s.xdmf", "--start", "2", "--interval", "0.5")
    assert run(*argv, "--origin=-1,-2", "--spacing", "0.1,0.2", "--name", "rho") == 0
    text = (tmp_path / "s.xdmf").read_text()
    for words in ('Value="2.0"', 'Value="2.5"', "0.0 -1.0 -2.0", "1.0 0.1 0.2", 'Name="rho"'):
        assert words in text
    assert ">1.npy<" in text


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("missing.npy", "--output", "s.xdmf"), 2, "missing.npy does not exist"),
        (("0.npy", "--output", "s.npy"), 2, "end it in .xdmf"),
        (("0.npy", "--output", "s.xdmf", "--origin", "a,b"), 2, "give numbers with commas"),
        (("0.npy", "--output", "s.xdmf", "--spacing", "1"), 2, "a length for each"),
        (("broken.npy", "--output", "s.xdmf"), 1, "cannot be read as .npy"),
    ],
    ids=["missing", "suffix", "letters", "axes", "broken"],
)
def test_what_cannot_work_is_told(run, tmp_path, capsys, argv, code, words):
    (tmp_path / "broken.npy").write_bytes(b"no array")
    assert run(*argv) == code
    assert words in capsys.readouterr().err
    assert not (tmp_path / "s.xdmf").exists()
