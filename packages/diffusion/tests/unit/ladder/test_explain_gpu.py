import pytest

from hpcpy_diffusion.ladder.explain_gpu import explain_gpu_ladder


def explain(report):
    """Return the caption in one line."""
    return " ".join(" ".join(explain_gpu_ladder(report)).split())


def test_the_roof_is_that_of_copies_in_the_same_rounds(gpu_report):
    text = explain(gpu_report)
    assert "of copy times the single-sweep roof" in text
    assert "at 16 bytes a cell" in text
    assert "here 536.9 GB/s, read and written, of two arrays of 256 MiB" in text
    gpu_report["parameters"]["dtype"] = "float32"
    assert "at 8 bytes a cell" in explain(gpu_report)


def test_the_cpu_that_it_is_compared_with_is_named(gpu_report):
    said = "numba-vector on 16 threads of this machine's CPU, Processor of sixteen cores"
    assert said in explain(gpu_report)
    gpu_report["ranks"] = 2
    assert "numba-vector on 16 threads in each of 2 ranks of this" in explain(gpu_report)
    del gpu_report["rungs"]["numba-vector x16"]
    assert "empty, since numba-vector was not measured on the CPU of copy" in explain(gpu_report)
    gpu_report["missing"] = {"numba-vector": "numba; pip install it"}
    text = explain(gpu_report)
    assert "was not measured on the CPU: it needs numba; pip install it" in text
    assert text.endswith("Not installed: numba-vector needs numba; pip install it")


def test_what_cannot_do_this_problem_is_told_with_its_reason(gpu_report):
    assert explain(gpu_report).endswith(
        "fields are the same to the last bit. "
        "Left out: cupy-resident it has no place for 299 x 299 points"
    )
    gpu_report["left_out"] = {}
    assert "Left out" not in explain(gpu_report)


@pytest.mark.parametrize("ranks", [1, 2])
def test_lines_have_at_most_80_columns(gpu_report, ranks):
    gpu_report["ranks"] = ranks
    assert max(len(line) for line in "\n".join(explain_gpu_ladder(gpu_report)).splitlines()) <= 80
