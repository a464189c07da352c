"""XDMF: a small file that lets ParaView open .npy files in place. Starts no MPI."""
