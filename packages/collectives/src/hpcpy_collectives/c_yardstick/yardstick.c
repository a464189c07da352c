/* The loops of hpcpy_collectives' benchmark in C, as the yardstick for Python.
 *
 *   mpicc -O2 yardstick.c -o yardstick
 *   mpiexec -n 2 ./yardstick single|multiple BLOCKS ITERATIONS
 *
 * Prints a line "case seconds" for every block: half of a round trip, or one Allreduce.
 * mpi4py asks for MPI_THREAD_MULTIPLE, which costs locks; a C program may do without.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAG = 1, LARGEST = 1024 };

static unsigned char sendbuf[LARGEST], recvbuf[LARGEST];

static double ping_pong(int rank, int size, int iterations)
{
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    for (int i = 0; i < iterations; i++) {
        if (rank == 0) {
            MPI_Send(sendbuf, size, MPI_BYTE, 1, TAG, MPI_COMM_WORLD);
            MPI_Recv(recvbuf, size, MPI_BYTE, 1, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        } else if (rank == 1) {
            MPI_Recv(recvbuf, size, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            MPI_Send(sendbuf, size, MPI_BYTE, 0, TAG, MPI_COMM_WORLD);
        }
    }
    return (MPI_Wtime() - start) / iterations / 2;
}

static double allreduce(int size, int iterations)
{
    static float added[LARGEST / 4], total[LARGEST / 4];
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    for (int i = 0; i < iterations; i++)
        MPI_Allreduce(added, total, size / 4, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    return (MPI_Wtime() - start) / iterations;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s single|multiple BLOCKS ITERATIONS\n", argv[0]);
        return 2;
    }
    int wanted = strcmp(argv[1], "multiple") ? MPI_THREAD_SINGLE : MPI_THREAD_MULTIPLE;
    int blocks = atoi(argv[2]), iterations = atoi(argv[3]), given, rank;
    MPI_Init_thread(&argc, &argv, wanted, &given);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    for (int block = 0; block <= blocks; block++) { /* the first warms up */
        double small = ping_pong(rank, 8, iterations);
        double larger = ping_pong(rank, 1024, iterations);
        double sum = allreduce(8, iterations);
        if (rank == 0 && block)
            printf("latency-8 %.9g\nlatency-1024 %.9g\nallreduce-8 %.9g\n", small, larger, sum);
    }
    MPI_Finalize();
    return 0;
}
