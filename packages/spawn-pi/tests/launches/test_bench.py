import json
import sys

from hpcpy_testing.mpiexec import Mpiexec


def test_the_report_has_workers_cost_and_throughput(tmp_path):
    path = tmp_path / "spawn-pi.json"
    program = [sys.executable, "-m", "hpcpy_spawn_pi.bench", "--json", str(path)]
    done = Mpiexec.find().launch(1, [*program, "--intervals", "1e6", "--repeats", "1"], timeout=120)
    assert done.returncode == 0, done.stderr
    assert not done.leftovers
    report = json.loads(path.read_text())
    assert set(report["workers"]) == {"1", "2"}
    for figure in report["workers"].values():
        assert figure["intervals_per_second"] == 1e6 / figure["compute"]["median"]
        assert figure["start"]["median"] > figure["compute"]["median"] > 0
    one, two = (figure["compute"]["median"] for figure in report["workers"].values())
    assert report["relative_throughput"] == one / two
    assert report["parameters"] == {"intervals": 1_000_000, "repeats": 1}
