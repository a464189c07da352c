/* Ends a kernel by signals: those of a timer, and of accesses to memory that is not there. */
#include <csignal>
#include <pthread.h>
#include <sys/time.h>

#include "watch.hpp"

namespace cuda_on_host {

static uint64_t seen;
static pthread_t runner;
static struct sigaction former_timer, former_segv, former_bus;

/* Leave the handler, and the thread of the kernel, for good. */
static void end_kernel(int signal, const char *what) {
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, signal);
    pthread_sigmask(SIG_UNBLOCK, &own, nullptr);
    const uint3 thread = self().index, block = self().warp->block->index;
    fail("thread (%u, %u, %u) of block (%u, %u, %u) %s", thread.x, thread.y, thread.z, block.x,
         block.y, block.z, what);
}

static void look_at_time(int signal) {
    if (!pthread_equal(pthread_self(), runner)) {
        pthread_kill(runner, signal);
        return;
    }
    if (current != &scheduler && switches == seen)
        end_kernel(signal, "runs for ever: a loop that waits must call __nanosleep");
    seen = switches;
}

static void look_at_access(int signal) {
    if (pthread_equal(pthread_self(), runner) && current != &scheduler)
        end_kernel(signal, "reads or writes where nothing is, outside of all arrays");
    sigaction(signal, signal == SIGBUS ? &former_bus : &former_segv, nullptr); /* not ours */
}

static void set_timer(long seconds) {
    const itimerval each = {{seconds, 0}, {seconds, 0}};
    setitimer(ITIMER_VIRTUAL, &each, nullptr);
}

Watch::Watch() {
    runner = pthread_self();
    seen = switches;
    struct sigaction action = {};
    action.sa_handler = look_at_time;
    sigaction(SIGVTALRM, &action, &former_timer);
    action.sa_handler = look_at_access;
    sigaction(SIGSEGV, &action, &former_segv);
    sigaction(SIGBUS, &action, &former_bus);
    set_timer(SECONDS);
}

Watch::~Watch() {
    set_timer(0);
    sigaction(SIGVTALRM, &former_timer, nullptr);
    sigaction(SIGSEGV, &former_segv, nullptr);
    sigaction(SIGBUS, &former_bus, nullptr);
}

}
