"""Files that other users, other jobs and the system may have had their hands on. No MPI."""
