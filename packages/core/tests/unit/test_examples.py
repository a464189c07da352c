import sys
from types import ModuleType

from hpcpy_core.examples import Result, list_topics

TOPICS = list_topics("shown", {"First": {"a": "one thing", "b": "another"}, "Then": {"c": "third"}})


def test_examples_keep_their_order_topic_and_package():
    assert list(TOPICS) == ["First", "Then"]
    found = [(each.package, each.name, each.summary) for each in TOPICS["First"]]
    assert found == [("shown", "a", "one thing"), ("shown", "b", "another")]


def test_an_example_is_the_function_of_its_name_in_the_module_of_its_name(monkeypatch):
    package, module = ModuleType("shown"), ModuleType("shown.c")
    module.c = lambda comm, device: Result(correct=True)
    monkeypatch.setitem(sys.modules, "shown", package)
    monkeypatch.setitem(sys.modules, "shown.c", module)
    (example,) = TOPICS["Then"]
    assert example.load() is module.c
