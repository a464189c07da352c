/* The kernel of hpcpy_spawn_pi in C, as the yardstick for Python; see kernels/__init__.py.
 *
 *   cc -O3 -march=native -shared -fPIC -DBLOCK=65536 -DLANES=512 quadrature.c -o quadrature.so
 *
 * block_sums is what every kernel computes; simple_sums is the loop that one writes first.
 */
#include <stdint.h>

void block_sums(int64_t intervals, int64_t first, int64_t last, double *restrict sums)
{
    double s[LANES], c[LANES], offsets[LANES];
    for (int j = 0; j < LANES; j++)
        offsets[j] = 2.0 * j / intervals;
    for (int64_t block = first; block < last; block++) {
        int64_t start = block * BLOCK;
        int size = intervals - start < BLOCK ? intervals - start : BLOCK;
        for (int j = 0; j < LANES; j++)
            s[j] = c[j] = 0.0;
        for (int row = 0; row < size / 2; row += LANES) {
            double x0 = (start + 2 * row + 0.5) / intervals;
            double y0 = (start + 2 * row + 1.5) / intervals;
            int lanes = size / 2 - row < LANES ? size / 2 - row : LANES;
            for (int j = 0; j < lanes; j++) {
                double x = x0 + offsets[j], y = y0 + offsets[j];
                double p = 1.0 + x * x, q = 1.0 + y * y;
                double f = 4.0 * (p + q) / (p * q);
                double t = s[j] + f;
                c[j] += f - (t - s[j]);
                s[j] = t;
            }
        }
        for (int half = LANES / 2; half; half /= 2) {
            for (int j = 0; j < half; j++) {
                double f = s[half + j];
                double t = s[j] + f;
                c[j] += c[half + j] + (f - (t - s[j]));
                s[j] = t;
            }
        }
        if (size % 2) {
            double x = (start + size - 0.5) / intervals;
            double f = 4.0 / (1.0 + x * x);
            double t = s[0] + f;
            c[0] += f - (t - s[0]);
            s[0] = t;
        }
        sums[block - first] = s[0] + c[0];
    }
}

void simple_sums(int64_t intervals, int64_t first, int64_t last, double *sums)
{
    double h = 1.0 / intervals;
    for (int64_t block = first; block < last; block++) {
        int64_t start = block * BLOCK;
        int64_t end = intervals - start < BLOCK ? intervals : start + BLOCK;
        double sum = 0.0;
        for (int64_t i = start; i < end; i++) {
            double x = (i + 0.5) * h;
            sum += 4.0 / (1.0 + x * x);
        }
        sums[block - first] = sum;
    }
}
