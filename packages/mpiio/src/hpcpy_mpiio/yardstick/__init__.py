"""Save and load beside the plain system calls: the project's own figures. Starts no MPI."""
