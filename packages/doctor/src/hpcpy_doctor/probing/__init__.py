"""What the probe does between MPI_Init and MPI_Finalize, and the story that it leaves."""
