import os

from hpcpy_testing.launch_folder import VARIABLE, LaunchFolder


def test_the_announcement_reaches_this_process_only(tmp_path, monkeypatch):
    folder = LaunchFolder(tmp_path)
    for name, value in folder.environment().items():
        monkeypatch.setenv(name, value)
    assert LaunchFolder.from_environment() == folder
    assert VARIABLE not in os.environ
    assert LaunchFolder.from_environment() is None


def test_ranks_have_files_of_their_own(tmp_path):
    folder = LaunchFolder(tmp_path)
    files = [where(rank) for where in (folder.log, folder.journal) for rank in (0, 1)]
    assert len(set(files)) == 4


def test_scratch_goes_and_logs_stay(tmp_path):
    folder = LaunchFolder(tmp_path)
    (folder.scratch(1) / "deep").mkdir(parents=True)
    folder.log(1).write_text("said")
    folder.clear_scratch()
    assert [path.name for path in tmp_path.iterdir()] == [folder.log(1).name]
