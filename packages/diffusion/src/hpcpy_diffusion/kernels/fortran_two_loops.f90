! The yardstick: the two loops of a plain Fortran program. The first computes the new value of every
! inner point into a second array, the second copies them back.
!
! It multiplies by r, and never divides; the order of operations is that of the other kernels.
! Fortran stores columns one after the other: its first index is along a row of ours.
! REAL_KIND is c_double or c_float, and is given when this is compiled.

subroutine step(u, new, rows, columns, stride, new_stride, centre, r) bind(c)
  use, intrinsic :: iso_c_binding
  implicit none
  integer(c_ptrdiff_t), value :: rows, columns, stride, new_stride
  real(REAL_KIND), value :: centre, r
  real(REAL_KIND), intent(in) :: u(stride, rows)
  real(REAL_KIND), intent(inout) :: new(new_stride, rows)
  integer(c_ptrdiff_t) :: i, j

  do i = 2, rows - 1
    do j = 2, columns - 1
      new(j, i) = centre * u(j, i) + r * ((u(j, i - 1) + u(j, i + 1)) + (u(j - 1, i) + u(j + 1, i)))
    end do
  end do
end subroutine step

subroutine advance(u, new, rows, columns, stride, new_stride, centre, r, steps) bind(c)
  use, intrinsic :: iso_c_binding
  implicit none
  integer(c_ptrdiff_t), value :: rows, columns, stride, new_stride, steps
  real(REAL_KIND), value :: centre, r
  real(REAL_KIND), intent(inout) :: u(stride, rows), new(new_stride, rows)
  integer(c_ptrdiff_t) :: i, j, n

  do n = 1, steps
    do i = 2, rows - 1
      do j = 2, columns - 1
        new(j, i) = centre * u(j, i) + r * ((u(j, i - 1) + u(j, i + 1)) + (u(j - 1, i) + u(j + 1, i)))
      end do
    end do
    do i = 2, rows - 1
      do j = 2, columns - 1
        u(j, i) = new(j, i)
      end do
    end do
  end do
end subroutine advance
