"""No test sees this machine's caches or goes through its proxy."""

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return folder
