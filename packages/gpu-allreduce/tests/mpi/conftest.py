import pytest


@pytest.fixture(autouse=True)
def no_tuned_thresholds(tmp_path, monkeypatch):
    """What a user has tuned on this machine decides about no test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
