from hpcpy_spawn_pi import matrix as module
from hpcpy_spawn_pi.__main__ import main
from hpcpy_spawn_pi.matrix import WAYS
from hpcpy_testing.mpiexec import Mpiexec


def test_two_parents_can_have_workers_in_every_way(monkeypatch, capsys):
    mpiexec = Mpiexec.find()
    more = ("--map-by", ":OVERSUBSCRIBE") if mpiexec.vendor == "openmpi" else ()
    line = (str(mpiexec.path), "-n", "2", *more)
    monkeypatch.setattr(module, "find_launch_lines", lambda: {"here": line})
    assert main(["matrix", "--timeout", "60"]) == 0
    (row,) = (text for text in capsys.readouterr().out.splitlines() if text.startswith("| `here`"))
    cells = [cell.split(",")[0].strip() for cell in row.strip("| ").split("|")[1:]]
    assert dict(zip(WAYS, cells, strict=True)) == {
        **dict.fromkeys(WAYS, "works"),
        "auto": "spawn",
    }
