from hpcpy_spawn_pi.yardstick.compile_c import SOURCE


def test_the_source_comes_with_the_package():
    assert "void block_sums(" in SOURCE.read_text(encoding="utf-8")
