import pytest

from hpcpy_diffusion.ladder.explain import explain_ladder


def explain(report):
    """Return the caption in one line."""
    return " ".join(" ".join(explain_ladder(report)).split())


def test_what_was_scaled_is_said(report):
    assert "* fewer than the problem's 13410: the speed is scaled" in explain(report)
    del report["rungs"]["python"]
    assert "of one repeat: all of the problem's" in explain(report)


def test_a_small_field_is_copied_in_a_cache(report):
    assert "1.36 MiB in all, stay in a cache" in explain(report)
    report["parameters"]["points"] = 4099
    assert "256 MiB in all, are in memory" in explain(report)
    report["parameters"]["dtype"] = "float32"
    assert "128 MiB in all, are in memory" in explain(report)


def test_what_cpp_did_is_said_and_why_it_did_not(report):
    assert "two loops, all steps in one call" in explain(report)
    report["ranks"] = 2
    assert "two loops, a call each step" in explain(report)
    del report["rungs"]["cpp"]
    assert "empty, since cpp was not measured of" in explain(report)
    report["missing"] = {"cpp": "a C++ compiler; apt install g++"}
    assert "not measured: it needs a C++ compiler; apt install g++" in explain(report)
    assert "Not installed: cpp needs a C++ compiler" in explain(report)


def test_the_check_is_told(report):
    text = explain(report)
    assert text.endswith(
        "Checked before against the kernel python, on 41 x 41 points for 1, 7 steps: "
        "all fields are the same to the last bit."
    )
    report["rungs"]["numba"]["difference"] = 2.2e-16
    assert explain(report).endswith("as shares of the largest density: numba 2e-16.")


@pytest.mark.parametrize("ranks", [1, 2])
def test_lines_have_at_most_80_columns(report, ranks):
    report["ranks"] = ranks
    assert max(len(line) for line in "\n".join(explain_ladder(report)).splitlines()) <= 80
