"""The kernels beside the same loops in C: the project's own figures. Starts no MPI."""
