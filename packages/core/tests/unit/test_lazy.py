import sys

import pytest

from hpcpy_core.lazy import lazy_attributes


def test_a_name_is_imported_at_its_first_use(monkeypatch):
    monkeypatch.delitem(sys.modules, "json.tool", raising=False)
    get = lazy_attributes("json", {"main": "tool"})
    assert "json.tool" not in sys.modules
    assert get("main") is sys.modules["json.tool"].main


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'json' has no attribute 'man'"):
        lazy_attributes("json", {"main": "tool"})("man")
