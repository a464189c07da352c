"""Strong and weak scaling: each number of ranks is a job of its own. Starts no MPI here."""
