import json

import pytest

from page import write_page

GPU = {"name": "NVIDIA H100 80GB HBM3", "driver_version": "580.159.04"}
PROVEN, FAILED = {"proven": True, "reason": None}, {"proven": False, "reason": "segfault " * 20}


@pytest.fixture
def record():
    return {
        "date": "2026-11-21T18:00:00+00:00",
        "rehearsal": False,
        "versions": {"python": "3.12.3"},
        "gpu": {"gpus": [GPU], "glibc": "glibc 2.39", "versions": {"cupy-cuda13x": "14.2.0"}},
        "awareness": {
            "library": "Open MPI 5.0.7",
            "operations": {"p2p": PROVEN, "bcast": PROVEN, "accumulate": FAILED},
        },
        "copies": {"seconds": {"device to device": {"1024": 1e-6, "268435456": 2e-4}}},
        "steps": [
            {"name": f"test-core-{ranks}", "state": "passed", "seconds": 7.0, "said": ""}
            for ranks in range(12)
        ],
    }


@pytest.fixture
def results(tmp_path):
    figures = {"device": "gpu", "speed": {"gcells_per_second": 200.0, "of_copy": 0.8}}
    ladder = {"rungs": {"cupy-raw": figures}, "copy": figures, "parameters": {"points": 512}}
    (tmp_path / "ladder-512-float64-1.json").write_text(json.dumps(ladder))
    measured = [
        {"op": "latency", "size": 8, "median": 12.34e-6},
        {"op": "latency", "size": 67108864, "median": 5e-3},
    ]
    (tmp_path / "bench-direct-2.json").write_text(json.dumps({"measurements": measured}))
    return tmp_path


def test_it_is_one_page_of_80_columns(record, results):
    page = write_page(record, results, 99.0)
    *lines, last = page.splitlines()
    assert max(map(len, lines)) <= 80  # the last line ends in a path of any length
    assert last.startswith("all that could run passed: 12 of 12 steps in 99 s")
    assert len(lines) < 60


def test_it_tells_machine_proof_and_figures(record, results):
    page = write_page(record, results, 99.0)
    assert "tested on NVIDIA H100 80GB HBM3, driver 580.159.04" in page
    assert "2026-11-21T18:00:00+00:00" in page
    assert "Open MPI 5.0.7 takes device memory in: p2p, bcast" in page
    assert "    not in accumulate: segfault" in page
    assert "copy device to device: 1342.2 GB/s (256 MiB, each byte counted once)" in page
    (row,) = [line for line in page.splitlines() if line.startswith("latency")]
    assert row.split() == ["latency", "direct", "2", "12.3", "us", "-", "-", "5000.0", "us"]
    (row,) = [line for line in page.splitlines() if line.startswith("512")]
    assert row.split() == ["512", "float64", "1", "200", "-", "200", "(0.80)", "-", "-"]


def test_steps_that_ended_alike_are_told_once(record, results):
    record["steps"] = [
        {"name": "a", "state": "failed", "seconds": 1.0, "said": "no memory"},
        {"name": "b", "state": "failed", "seconds": 1.0, "said": "no memory"},
        {"name": "c", "state": "impossible", "seconds": 0.0, "said": "no GPU"},
    ]
    page = write_page(record, results, 99.0)
    assert "passed: nothing\nfailed: a, b\n    no memory\nimpossible: c\n    no GPU\n" in page
    assert "NOT all passed: 0 of 2 steps" in page


def test_a_rehearsal_is_called_one_and_shows_no_figures(record, results):
    record["rehearsal"] = True
    page = write_page(record, results, 99.0)
    assert page.startswith("hpcpy rehearsed on an emulated driver, no GPU\n")
    assert "GB/s" not in page
    assert " us" not in page
    assert "Gcell/s" not in page


def test_without_a_proof_it_says_so(record, results):
    del record["awareness"], record["copies"]
    assert "whether this MPI takes device memory was not found out" in write_page(
        record, results, 1.0
    )
