import json

import measure_copies as module
from measure_copies import measure_copies


class FakeDriver:
    """Counts what is asked of it."""

    def __init__(self):
        self.copies, self.held, self.waited = {}, set(), 0

    def __getattr__(self, name):
        return lambda *arguments: self.note(name, *arguments)

    def note(self, name, *arguments):
        if name in ("allocate", "allocate_host", "make_stream"):
            self.held.add(name + str(len(self.held)))
            return len(self.held)
        if name in ("free", "free_host", "destroy_stream"):
            self.held.pop()
        if name in ("copy_to_device", "copy_to_host", "call"):
            self.copies[name] = self.copies.get(name, 0) + 1
        if name == "synchronize":
            self.waited += 1
        return None

    def allocate_host(self, nbytes):
        self.buffer = (module.ctypes.c_byte * nbytes)()
        self.note("allocate_host")
        return module.ctypes.addressof(self.buffer)


def test_every_kind_and_size_has_a_figure_and_all_is_freed(monkeypatch):
    monkeypatch.setattr(module, "SIZES", (1024, 4096))
    monkeypatch.setattr(module, "SECONDS", 1e-4)
    driver = FakeDriver()
    found = measure_copies(driver)
    assert {name: list(figures) for name, figures in found.items()} == {
        kind: ["1024", "4096"]
        for kind in ("device to device", "pinned to device", "device to pinned")
    }
    assert all(figure > 0 for figures in found.values() for figure in figures.values())
    assert not driver.held
    assert set(driver.copies) == {"call", "copy_to_device", "copy_to_host"}
    assert driver.waited > 0
    json.dumps(found)
