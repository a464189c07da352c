import find_sanitizer as module
from find_sanitizer import find_sanitizer


def test_it_is_found_in_the_toolkits_folder_or_on_the_path(tmp_path, monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    assert find_sanitizer(tmp_path) is None
    program = tmp_path / "usr/local/cuda-13.0/bin/compute-sanitizer"
    program.parent.mkdir(parents=True)
    program.touch()
    assert find_sanitizer(tmp_path) == str(program)
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/elsewhere/{name}")
    assert find_sanitizer(tmp_path) == "/elsewhere/compute-sanitizer"
