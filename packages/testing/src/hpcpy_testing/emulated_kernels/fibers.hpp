/* Fibers: functions that run in turns, each on a stack of its own, in one thread of the host.

   A fiber is made by ucontext and then switched by setjmp and longjmp, which call no kernel of
   the operating system: that is ten times faster, and shuffles switch at every lane. */
#pragma once

#include <csetjmp>
#include <ucontext.h>

namespace cuda_on_host {

struct Fiber {
    jmp_buf where;
};

inline Fiber *current;          /* the one that runs */
inline unsigned long switches; /* how often another one was let run */

[[gnu::noinline]] inline void switch_to(Fiber &next) {
    if (_setjmp(current->where) == 0) {
        switches++;
        current = &next;
        _longjmp(next.where, 1);
    }
}

inline ucontext_t maker;
inline void (*body)(); /* what a fiber does, again and again: it ends by switching to another */

inline void begin() {
    if (_setjmp(current->where) == 0)
        setcontext(&maker);
    for (;;)
        body();
}

/* Let a fiber stand before its body, on this stack. */
inline void make_fiber(Fiber &fiber, char *stack, unsigned long bytes, void (*does)()) {
    Fiber *const self = current;
    ucontext_t made;
    getcontext(&made);
    made.uc_stack.ss_sp = stack;
    made.uc_stack.ss_size = bytes;
    made.uc_link = nullptr;
    makecontext(&made, begin, 0);
    current = &fiber;
    body = does;
    swapcontext(&maker, &made);
    current = self;
}

}
