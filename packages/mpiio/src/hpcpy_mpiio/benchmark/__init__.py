"""The command ``bench``: MPI-IO measured in IOR's terms. Importing this package starts no MPI."""
