import json
import os
import socket
from dataclasses import asdict
from threading import Event

from hpcpy_doctor.looks.host_name import resolve_host
from hpcpy_doctor.looks.interfaces import is_loopback
from hpcpy_doctor.looks.machine import Machine, look_at_machine
from hpcpy_doctor.looks.own_memory import read_memory


def test_it_is_the_same_after_a_way_as_json():
    machine = look_at_machine()
    assert Machine.read(json.loads(json.dumps(asdict(machine)))) == machine


def test_what_it_shows_of_its_memory_is_there():
    machine = look_at_machine()
    assert len(machine.memory_holds) == 32
    assert read_memory(os.getpid(), machine.memory_at) == machine.memory_holds


def test_addresses_are_of_interfaces_that_are_there():
    machine = look_at_machine()
    assert {name for name, _ in machine.addresses} <= set(machine.interfaces)
    assert all(is_loopback(address) for name, address in machine.addresses if name == "lo")


def test_cores_of_hardware_threads(tmp_path):
    processors = sorted(os.sched_getaffinity(0))
    for number in processors:
        folder = tmp_path / "devices/system/cpu" / f"cpu{number}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{processors[0]}-{processors[-1]}\n")
    machine = look_at_machine(sys=tmp_path)
    assert machine.core_of == (processors[0],) * len(processors)


def test_what_is_not_told_is_left_out(tmp_path):
    machine = look_at_machine(tmp_path, tmp_path, tmp_path / "none")
    assert machine.boot == ""
    assert machine.quota is None
    assert machine.shared == ""
    assert machine.fabrics == ()
    assert machine.core_of == tuple(sorted(os.sched_getaffinity(0)))


def test_a_name_server_that_does_not_answer(monkeypatch):
    never = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [][: never.wait(5)])
    assert resolve_host("node1", seconds=0.05) is None
    never.set()


def test_an_unknown_name():
    assert resolve_host("no-such-host.invalid") == ()
    assert "127.0.0.1" in resolve_host("localhost")
