import fcntl
import json

from hpcpy_doctor.looks.try_folders import main


def tried(capsys, *folders):
    main([str(folder) for folder in folders])
    said = {}
    for line in capsys.readouterr().out.splitlines():
        said.update(json.loads(line))
    return said


def test_a_folder_that_can_be_written(capsys, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    said = tried(capsys, link)[str(link)]
    assert said["path"] == str(tmp_path)
    assert said["step"] is None
    assert "error" not in said
    assert said["free"] > 0
    assert [path.name for path in tmp_path.iterdir()] == ["link"]  # nothing is left


def test_each_failure_is_one_folders_own(capsys, tmp_path):
    none = tmp_path / "none"
    said = tried(capsys, none, tmp_path)
    assert said[str(none)] == {
        "step": "look",
        "error": "ENOENT",
        "words": "No such file or directory",
    }
    assert said[str(tmp_path)]["step"] is None


def test_locks_that_are_refused(capsys, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", refuse)
    said = tried(capsys, tmp_path)[str(tmp_path)]
    assert said["step"] == "lock"
    assert said["error"] == "ENOLCK"
