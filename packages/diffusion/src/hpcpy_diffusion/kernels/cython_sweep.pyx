# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""One fused pass over typed rows: `floating` stands for float and for double."""

from cython cimport floating


def sweep(const floating[:, :] u, floating[:, :] out, floating centre, floating r):
    cdef Py_ssize_t i, j
    cdef const floating *north
    cdef const floating *here
    cdef const floating *south
    cdef floating *new
    with nogil:
        for i in range(1, u.shape[0] - 1):
            # A pointer goes along a row without a stride, so that the compiler vectorises.
            north, here, south, new = &u[i - 1, 0], &u[i, 0], &u[i + 1, 0], &out[i, 0]
            for j in range(1, u.shape[1] - 1):
                new[j] = centre * here[j] + r * (
                    (north[j] + south[j]) + (here[j - 1] + here[j + 1])
                )
