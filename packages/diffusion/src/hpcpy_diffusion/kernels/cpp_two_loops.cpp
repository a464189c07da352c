// The yardstick: the two loops of a plain C++ program. The first computes the new value of every
// inner point into a second array, the second copies them back.
//
// It multiplies by r, and never divides; the order of operations is that of the other kernels.
// Rows are `columns` items long, and start `stride` items apart.

#include <cstddef>

namespace {

template <typename Real>
void compute(const Real *u, Real *out, std::ptrdiff_t rows, std::ptrdiff_t columns,
             std::ptrdiff_t stride, std::ptrdiff_t out_stride, Real centre, Real r) {
  for (std::ptrdiff_t i = 1; i < rows - 1; ++i)
    for (std::ptrdiff_t j = 1; j < columns - 1; ++j) {
      const Real *here = u + i * stride + j;
      out[i * out_stride + j] =
          centre * here[0] + r * ((here[-stride] + here[stride]) + (here[-1] + here[1]));
    }
}

template <typename Real>
void copy_back(Real *u, const Real *out, std::ptrdiff_t rows, std::ptrdiff_t columns,
               std::ptrdiff_t stride, std::ptrdiff_t out_stride) {
  for (std::ptrdiff_t i = 1; i < rows - 1; ++i)
    for (std::ptrdiff_t j = 1; j < columns - 1; ++j)
      u[i * stride + j] = out[i * out_stride + j];
}

}  // namespace

#define KERNEL(name, Real)                                                                   \
  extern "C" void step_##name(const Real *u, Real *out, std::ptrdiff_t rows,                 \
                              std::ptrdiff_t columns, std::ptrdiff_t stride,                 \
                              std::ptrdiff_t out_stride, Real centre, Real r) {              \
    compute(u, out, rows, columns, stride, out_stride, centre, r);                           \
  }                                                                                          \
  extern "C" void advance_##name(Real *u, Real *out, std::ptrdiff_t rows,                    \
                                 std::ptrdiff_t columns, std::ptrdiff_t stride,              \
                                 std::ptrdiff_t out_stride, Real centre, Real r,             \
                                 std::ptrdiff_t steps) {                                     \
    for (std::ptrdiff_t n = 0; n < steps; ++n) {                                             \
      compute<Real>(u, out, rows, columns, stride, out_stride, centre, r);                   \
      copy_back<Real>(u, out, rows, columns, stride, out_stride);                            \
    }                                                                                        \
  }

KERNEL(float64, double)
KERNEL(float32, float)
