import json
import subprocess
import sys

import pytest

from hpcpy_collectives.model import fit_report, model
from hpcpy_core.errors import InputError

ALPHA, BETA, GAMMA = 2e-6, 1e-10, 2.5e-11


def write(path, **changes):
    sizes = [1 << k for k in range(21)]
    rows = [("latency", size, "s", ALPHA + BETA * size) for size in sizes]
    rows += [("bw", size, "B/s", size / (0.5e-6 + BETA * size)) for size in sizes]
    report = {
        "schema": 1,
        "command": "hpcpy-collectives bench",
        "reduction_seconds_per_byte": GAMMA,
        "measurements": [
            {"op": op, "api": "buffer", "size": size, "unit": unit, "median": median}
            for op, size, unit, median in rows
        ],
        **changes,
    }
    path.write_text(json.dumps(report), encoding="utf-8")
    return path


@pytest.fixture
def report(tmp_path):
    return write(tmp_path / "bench.json")


def run(*argv):
    try:
        model.main([str(value) for value in argv], standalone_mode=False)
    except SystemExit as left:
        return left.code
    return 0


def test_the_constants_are_found_again(report):
    machine, fits = fit_report(report)
    assert machine.alpha == pytest.approx(ALPHA, rel=1e-9)
    assert machine.beta == pytest.approx(BETA, rel=1e-9)
    assert machine.gamma == GAMMA
    assert fits["bw"].alpha == pytest.approx(0.5e-6, rel=1e-9)


def test_json_predicts_for_all_ranks(report, capsys):
    assert run(report, "--json", "--ranks", "2:100000") == 0
    told = json.loads(capsys.readouterr().out)
    predictions = told["predictions"]
    assert {p["ranks"] for p in predictions} == {1 << k for k in range(1, 17)} | {100_000}
    assert {p["collective"] for p in predictions} == {"allreduce", "bcast", "alltoall"}
    for p in predictions:
        assert p["seconds"][p["cheapest"]] == min(p["seconds"].values())
    one = next(
        p for p in predictions if (p["collective"], p["ranks"], p["size"]) == ("bcast", 2, 8)
    )
    assert one["seconds"]["binomial"] == pytest.approx(ALPHA + 8 * BETA)


def test_tables_are_80_columns_and_mark_the_cheapest(report, capsys):
    assert run(report, "--ranks", "2:64") == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert "allreduce / us, the cheapest of" in lines
    assert "a recursive doubling, b ring, c Rabenseifner" in lines
    # 6 steps of 2 us, and 8 B or 1 KiB each; the steps carry whole vectors
    last = next(line for line in lines if line.split()[:1] == ["64"])
    assert last.split()[1:5] == ["12.0", "a", "12.8", "a"]


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_plot_is_drawn(report, tmp_path, suffix):
    picture = tmp_path / f"model.{suffix}"
    assert run(report, "--ranks", "2:64", "--plot", picture) == 0
    assert picture.read_bytes()[:5] in (b"\x89PNG\r", b"<?xml", b"%PDF-")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reduction_seconds_per_byte": None}, "lacks reduction_seconds_per_byte"),
        (
            {
                "measurements": [
                    {"op": "bcast", "api": "buffer", "size": 8, "unit": "s", "median": 1}
                ]
            },
            "holds no latency of --api buffer",
        ),
        ({"schema": 0}, "has schema 0"),
    ],
)
def test_reports_that_cannot_be_fitted(tmp_path, change, words):
    with pytest.raises(InputError, match=words):
        fit_report(write(tmp_path / "bench.json", **change))


def test_refusals_are_one_message(report, capsys, tmp_path):
    assert run(report, "--plot", tmp_path / "missing" / "a.png") == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("error: --plot ") == 1


def test_a_missing_matplotlib_names_the_extra(report, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("hpcpy_core.output_files.find_spec", lambda _: None)
    assert run(report, "--plot", tmp_path / "a.png") == 2
    assert "pip install matplotlib" in capsys.readouterr().err


def test_serial_commands_start_no_mpi(report, tmp_path):
    program = (
        "import sys\n"
        "from hpcpy_collectives.bench import bench\n"
        "from hpcpy_collectives.compare import compare\n"
        "from hpcpy_collectives.model import model\n"
        f"model.main([{str(report)!r}, '--plot', {str(tmp_path / 'a.png')!r}],"
        " standalone_mode=False)\n"
        f"compare.main([{str(report)!r}] * 2, standalone_mode=False)\n"
        "assert 'mpi4py.MPI' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, capture_output=True)
