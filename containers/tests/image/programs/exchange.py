"""Exchange large messages, reduce and share memory; rank 0 prints the sum and the library."""

import numpy as np

from hpcpy_core.launch import import_mpi

MPI = import_mpi()
comm = MPI.COMM_WORLD
items = 1 << 19  # 4 MiB: far above the size from which memory is copied across processes

sent = np.arange(items, dtype=np.float64) + comm.rank
received = np.empty_like(sent)
before = (comm.rank - 1) % comm.size
comm.Sendrecv(sent, (comm.rank + 1) % comm.size, recvbuf=received, source=before)
np.testing.assert_array_equal(received, np.arange(items) + before)

window = MPI.Win.Allocate_shared(8 if comm.rank == 0 else 0, 8, comm=comm)
memory, _ = window.Shared_query(0)
counter = np.frombuffer(memory, dtype=np.int64)
if comm.rank == 0:
    counter[0] = 0
comm.Barrier()
window.Lock(0)
counter[0] += comm.rank + 1
window.Unlock(0)
comm.Barrier()
assert counter[0] == comm.size * (comm.size + 1) // 2
comm.Barrier()
window.Free()

total = np.empty_like(sent)
comm.Allreduce(sent, total)
if comm.rank == 0:
    print(f"{comm.size} ranks, sum {total.sum():.0f}")
    print(MPI.Get_library_version().splitlines()[0])
