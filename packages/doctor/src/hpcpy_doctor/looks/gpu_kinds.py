"""What may be found of GPUs and their driver. Data only."""

from hpcpy_doctor.finding import Kind

__all__ = ["GPU_KINDS"]

MISSING = Kind(
    id="gpu-driver-missing",
    level="warning",
    title="There is a GPU, but libcuda.so.1 cannot be loaded",
    cause="The driver's library is not installed, or was not brought into this container.",
    cure="{cure}",
    example="apptainer exec --nv image.sif hpcpy-doctor",
    text="The library belongs to the host's driver and comes from there: `apptainer exec --nv`, "
    "`docker run --gpus all`. An image must not have one of its own.",
)
STUB = Kind(
    id="gpu-driver-stub",
    level="error",
    title="libcuda.so.1 is the toolkit's stub, not the driver",
    cause="LD_LIBRARY_PATH leads to the folder stubs of a CUDA toolkit, which is for linking only.",
    cure="{cure}",
    example="unset LD_LIBRARY_PATH",
    text="Each call of a stub fails with CUDA_ERROR_STUB_LIBRARY (34). The folder is needed while "
    "programs are linked on machines without a driver (`LIBRARY_PATH`, `-L`), never while they "
    "run.",
)
FOREIGN = Kind(
    id="gpu-driver-swapped",
    level="warning",
    title="libcuda.so.1 is not the driver's",
    cause="LD_LIBRARY_PATH leads to a library that stands in for the driver: an emulation, a "
    "recorder, or what another machine's driver has left.",
    cure="{cure}",
    example="unset LD_LIBRARY_PATH",
    text="UCX, CuPy and MPIs take what is first in LD_LIBRARY_PATH. It has devices, but the kernel "
    "has no driver of NVIDIA's: nothing is computed on a GPU. hpcpy's emulated driver is such a "
    "library; for tests it is meant.",
)
MISMATCH = Kind(
    id="gpu-driver-mismatch",
    level="error",
    title="The driver's library and its part in the kernel are of different versions",
    cause="The driver was updated without a restart, or the library in this container is not the "
    "host's.",
    cure="sudo reboot",
    text="nvidia-smi says `Driver/library version mismatch`, CUDA says "
    "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803). A restart loads the new part into the kernel. In a "
    "container: remove the image's own libcuda, and let the host's in (`--nv`, `--gpus all`).",
)
BROKEN = Kind(
    id="gpu-driver-broken",
    level="error",
    title="The driver cannot be initialised",
    cause="The driver refuses, or crashes: a device has failed, the kernel's module or "
    "/dev/nvidia* are missing or forbidden, or the library is damaged.",
    cure="{cure}",
    example="nvidia-smi",
    text="CUDA_ERROR_UNKNOWN (999) often means that nvidia-uvm is not loaded (`sudo modprobe "
    "nvidia-uvm`), or that a container may not open /dev/nvidia-uvm. `dmesg | grep -i -e NVRM -e "
    "Xid` shows what the driver has said of failed devices.",
)
HANGS = Kind(
    id="gpu-driver-hangs",
    level="error",
    title="The driver does not answer",
    cause="A device has failed, another program resets it, or the driver starts each device anew "
    "for every program.",
    cure="{cure}",
    example="nvidia-smi",
    text="`nvidia-smi` will hang as well. Without persistence each first program waits a second or "
    "more for each device. `dmesg | grep -i -e NVRM -e Xid` shows what the driver has said of "
    "failed devices; a restart of the machine may help.",
)
NO_DEVICE = Kind(
    id="gpu-not-found",
    level="warning",
    title="The driver is there, but finds no GPU",
    cause="The GPU is not there, has fallen off the bus, or /dev/nvidia* did not come into this "
    "container.",
    cure="{cure}",
    example="nvidia-smi -L",
    text="`nvidia-smi -L` lists what the kernel's part of the driver sees, `lspci | grep -i "
    "nvidia` what is plugged in.",
)
HIDDEN = Kind(
    id="gpu-hidden",
    level="note",
    title="CUDA_VISIBLE_DEVICES hides every GPU",
    cause="The variable is set to nothing, or to a word that means nothing, by a person or by a "
    "batch system that gave this job no GPU.",
    cure="unset CUDA_VISIBLE_DEVICES",
    text="In a batch job ask for one instead: `srun --gpus-per-task=1`.",
)
NAMES_NOTHING = Kind(
    id="gpu-names-nothing",
    level="warning",
    title="CUDA_VISIBLE_DEVICES names no GPU of this machine",
    cause="The variable was set for another machine, or counts beyond the GPUs that are there.",
    cure="unset CUDA_VISIBLE_DEVICES",
    text="CUDA sees the devices that it names up to the first word that names none, so here it "
    "sees none. `nvidia-smi -L` lists numbers and names.",
)
NAMES_SOME = Kind(
    id="gpu-names-too-many",
    level="warning",
    title="CUDA_VISIBLE_DEVICES names more GPUs than there are",
    cause="CUDA sees the devices that it names up to the first word that names none.",
    cure="unset CUDA_VISIBLE_DEVICES",
    text="What comes after that word is ignored without an error, so some GPUs stay idle. "
    "`nvidia-smi -L` lists numbers and names.",
)
EXCLUSIVE = Kind(
    id="gpu-exclusive",
    level="error",
    title="A GPU does not take as many programs as there are ranks",
    cause="Its compute mode lets one program at a time compute on it, or none.",
    cure="sudo nvidia-smi -i {number} -c DEFAULT",
    text="The second rank fails with CUDA_ERROR_DEVICE_UNAVAILABLE or `all CUDA-capable devices "
    "are busy or unavailable`. Start one rank for each GPU, or NVIDIA's MPS, which counts as one "
    "program: `nvidia-cuda-mps-control -d`.",
)
NO_SMI = Kind(
    id="nvidia-smi-missing",
    level="note",
    title="There is a GPU, but no nvidia-smi",
    cause="It comes with the driver, and was not brought into this container.",
    cure="export NVIDIA_DRIVER_CAPABILITIES=compute,utility",
    text="Programs do not need it; people and some libraries' tests do. Docker brings it with the "
    "capability `utility`, Apptainer with `--nv`.",
)
SMI_FAILS = Kind(
    id="nvidia-smi-fails",
    level="warning",
    title="nvidia-smi fails or hangs",
    cause="The driver's library for management cannot talk to the kernel, or a device has failed.",
    cure="sudo dmesg | grep -i -e NVRM -e Xid",
    text="`No devices were found` or `couldn't communicate with the NVIDIA driver` mean that the "
    "kernel's module is not loaded, or that the device has failed.",
)
NOT_PERSISTENT = Kind(
    id="gpu-not-persistent",
    level="note",
    title="The driver forgets the GPU between programs",
    cause="Persistence mode is off: the first program after a while waits until the driver has "
    "started the device anew, for a second or more.",
    cure="sudo nvidia-smi -pm 1",
    text="It makes each short job slower, and the first measurement wrong; settings of clocks and "
    "power are lost. NVIDIA recommends the service nvidia-persistenced.",
)
MIG = Kind(
    id="gpu-in-parts",
    level="note",
    title="A GPU is divided into parts (MIG)",
    cause="An administrator has divided it, and each program gets one part of it.",
    cure="nvidia-smi -L",
    text="A process sees one part only, whatever CUDA_VISIBLE_DEVICES names. Parts do not reach "
    "each other's memory: CUDA's IPC between ranks, NCCL and CUDA-aware MPI across parts do not "
    "work. Ranks go through host memory.",
)

GPU_KINDS = (
    *(MISSING, STUB, FOREIGN, MISMATCH, BROKEN, HANGS, NO_DEVICE, HIDDEN, NAMES_NOTHING),
    *(NAMES_SOME, EXCLUSIVE, NO_SMI, SMI_FAILS, NOT_PERSISTENT, MIG),
)
