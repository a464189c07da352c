"""The GPUs: the driver that programs get, the devices that they see, and nvidia-smi."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hpcpy_core.find_gpu import HIDDEN
from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.looks import gpu_kinds as kinds
from hpcpy_doctor.looks.ask_child import NoAnswerError, ask_child
from hpcpy_doctor.looks.ask_smi import ask_smi
from hpcpy_doctor.looks.container import find_container
from hpcpy_doctor.looks.first_rank import is_first
from hpcpy_doctor.looks.local_ranks import read_local_ranks

__all__ = ["CHECK", "look_at_gpus"]

PROC, DEV = Path("/proc/driver/nvidia/version"), Path("/dev")

ASK = "hpcpy_doctor.looks.ask_driver"

MODES = {1: "exclusive (thread)", 2: "prohibited", 3: "exclusive (process)"}
"""What CU_DEVICE_ATTRIBUTE_COMPUTE_MODE says, but 0, which is no limit."""
PROHIBITED = 2

STUB = "CUDA_ERROR_STUB_LIBRARY"
MISMATCH = ("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE")
NO_DEVICE = "CUDA_ERROR_NO_DEVICE"

Ask = Callable[[str], Mapping[str, Any]]


def look_at_gpus(
    facts: tuple[Facts, ...], *, kernel: Path = PROC, dev: Path = DEV, ask: Ask = ask_child
) -> Iterator[Finding]:
    """Ask the driver, and compare it with the kernel's part of it and with nvidia-smi. Local.

    Parameters
    ----------
    facts
        Of this process.
    kernel, dev
        Where the kernel tells which driver it has, and shows devices.
    ask
        Runs a module in a process of its own, which may hang or crash.
    """
    own = facts[0]
    try:
        said = ask(ASK)
    except NoAnswerError as error:
        kind = kinds.HANGS if error.hangs else kinds.BROKEN
        yield kind.found(f"{error.heard.get('path', 'libcuda.so.1')}: {error}", cure="nvidia-smi")
        return
    has = _find_hardware(kernel, dev)
    if "missing" in said:
        if has:
            yield kinds.MISSING.found(f"{has}, but {said['missing']}", cure=_enter(own))
        else:
            yield Finding.ok("no GPU: there is no NVIDIA driver")
        return
    findings = [*_judge_library(said, kernel), *_judge_devices(said, own)]
    if has and is_first(own):
        findings += ask_smi()
    yield from findings or [Finding.ok(_describe(said))]


def _find_hardware(kernel: Path, dev: Path) -> str | None:
    """Return what shows that this machine has a GPU of NVIDIA's, whatever is installed."""
    found = sorted(path for path in dev.glob("nvidia[0-9]*"))
    return next((f"there is {path}" for path in (kernel, *found) if path.exists()), None)


def _judge_library(said: Mapping[str, Any], kernel: Path) -> Iterator[Finding]:
    path, error = str(said.get("path")), said.get("error")
    own = _read_version(kernel)
    version = re.search(r"libcuda\.so\.(\d+\.\d+[.\d]*)$", path)
    if "/stubs/" in path or error == STUB:
        yield kinds.STUB.found(f"{path} is loaded", cure=_leave_out(path))
    elif error in MISMATCH or (own and version and version[1] != own and "/compat/" not in path):
        seen = f"{path}, but the kernel has {own or 'another version'}"
        yield kinds.MISMATCH.found(seen)
    elif own is None and said.get("devices") and not Path("/dev/dxg").exists():
        seen = f"{path} finds {len(said['devices'])} device(s), but the kernel has no NVIDIA driver"
        yield kinds.FOREIGN.found(seen, cure=_leave_out(path))
    elif error and error != NO_DEVICE:
        yield kinds.BROKEN.found(f"{path}: cuInit says {error}", cure="nvidia-smi")


def _read_version(kernel: Path) -> str | None:
    try:
        found = re.search(r"Kernel Module.*?(\d+\.\d+[.\d]*)", kernel.read_text(errors="replace"))
    except OSError:
        return None
    return found[1] if found else None


def _leave_out(path: str) -> str:
    """Return how to find the driver's own library again."""
    folder = os.path.dirname(path)  # noqa: PTH120 - of a str, for a str
    rest = [
        each
        for each in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
        if each and os.path.realpath(each) != folder
    ]
    return f"export LD_LIBRARY_PATH={os.pathsep.join(rest)}" if rest else "unset LD_LIBRARY_PATH"


def _judge_devices(said: Mapping[str, Any], own: Facts) -> Iterator[Finding]:
    devices, visible = said.get("devices"), own.environ.get("CUDA_VISIBLE_DEVICES")
    if said.get("error") == NO_DEVICE or devices == []:
        if visible in HIDDEN:
            yield kinds.HIDDEN.found(f"CUDA_VISIBLE_DEVICES={visible!r}")
        elif visible is not None:
            yield kinds.NAMES_NOTHING.found(f"CUDA_VISIBLE_DEVICES={visible!r}")
        else:
            yield kinds.NO_DEVICE.found(f"{said.get('path')} finds none", cure=_enter(own))
        return
    ranks = read_local_ranks(own.environ).size
    for number, device in enumerate(devices or ()):
        mode = device["mode"]
        if mode == PROHIBITED or (mode in MODES and ranks > len(devices or ())):
            seen = f"GPU {number} ({device['name']}) is {MODES[mode]}, and {ranks} rank(s) are here"
            yield kinds.EXCLUSIVE.found(seen, number=number)
    if visible is not None and devices and (asked := _count_named(visible)) > len(devices):
        seen = f"CUDA_VISIBLE_DEVICES={visible!r} names {asked}, of which {len(devices)} are there"
        yield kinds.NAMES_SOME.found(seen)


def _count_named(visible: str) -> int:
    return len([word for word in visible.split(",") if word.strip()])


def _enter(own: Facts) -> str:
    """Return how to let a container see the driver; outside of one, how to look for it."""
    container = find_container(own.environ)
    if container is None:
        return "nvidia-smi -L"
    if container.kind in ("Apptainer", "Singularity"):
        image = container.image or "IMAGE"
        return f"{container.kind.lower()} exec --nv {image} hpcpy-doctor"
    if container.kind == "Podman":
        return "podman run --device nvidia.com/gpu=all ..."
    return "docker run --gpus all ..."


def _describe(said: Mapping[str, Any]) -> str:
    names = [device["name"] for device in said.get("devices") or ()]
    each = ", ".join(f"{names.count(name)} x {name}" for name in dict.fromkeys(names))
    version = said.get("version", 0)
    return f"{each}, driver for CUDA {version // 1000}.{version % 1000 // 10}, {said.get('path')}"


CHECK = Check(name="gpu", title="GPU", scope="process", kinds=kinds.GPU_KINDS, run=look_at_gpus)
