import sys

import pytest

from hpcpy_doctor.looks import install_command as module
from hpcpy_doctor.looks.install_command import install_command, uninstall_command


@pytest.mark.parametrize(
    ("pip", "uv", "tool"),
    [
        (True, True, [sys.executable, "-m", "pip"]),
        (True, False, [sys.executable, "-m", "pip"]),
        (False, False, [sys.executable, "-m", "pip"]),
        (False, True, ["uv", "pip"]),
    ],
)
def test_pip_where_it_is_and_uv_where_pip_is_not(monkeypatch, pip, uv, tool):
    monkeypatch.setattr(module, "find_spec", lambda _: object() if pip else None)
    monkeypatch.setattr(module.shutil, "which", lambda _: "/bin/uv" if uv else None)
    added, removed = install_command("mpich", "a b").split(), uninstall_command("mpich").split()
    assert added[: len(tool) + 1] == [*tool, "install"]
    assert removed[: len(tool) + 1] == [*tool, "uninstall"]
    assert added[-3:] == ["mpich", "'a", "b'"]
    assert ("-y" in removed) is pip  # uv asks nothing, and knows no such option
    assert (f"--python {sys.executable}" in install_command("x")) is (tool[0] == "uv")
