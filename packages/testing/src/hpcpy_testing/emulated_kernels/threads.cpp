/* What the calls of a thread do. */
#include <cstdarg>
#include <cstdio>

#include "schedule.hpp"

namespace cuda_on_host {

uint3 grid, block_size;
Fiber scheduler;
uint64_t events, milestones, random_state;
char message[1000];

uint64_t draw() { /* xorshift64 */
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}

static void blame(const char *format, va_list values) {
    if (!message[0])
        vsnprintf(message, sizeof message, format, values);
}

void blame(const char *format, ...) {
    va_list values;
    va_start(values, format);
    blame(format, values);
    va_end(values);
}

/* Let another lane of this warp run, or the scheduler find another warp. */
static void rest() {
    const Lane &lane = self();
    Warp &warp = *lane.warp;
    if (!warp.ready || message[0])
        return switch_to(scheduler);
    unsigned next = lane.number;
    do
        next = (next + warp.stride) % 32;
    while (!(warp.ready >> next & 1));
    warp.ready &= ~(1u << next);
    switch_to(warp.lanes[next]);
}

void fail(const char *format, ...) {
    va_list values;
    va_start(values, format);
    blame(format, values);
    va_end(values);
    rest();
}

void pause() {
    self().warp->paused |= 1u << self().number;
    rest();
}

void maybe_pause() {
    events++;
    if (draw() % 8 == 0)
        pause();
}

void wait_at_barrier(int line) {
    Lane &lane = self();
    lane.call = {"__syncthreads", line, 0};
    lane.warp->at_barrier |= 1u << lane.number;
    rest();
}

void leave() {
    events++;
    milestones++;
    self().warp->left |= 1u << self().number;
    rest();
}

uint64_t meet(const Call &call, uint64_t given, unsigned source) {
    Lane &lane = self();
    Warp &warp = *lane.warp;
    if (!(call.mask >> lane.number & 1))
        fail("lane %u of a warp calls %s(%#x) in line %d and is not in its own mask", lane.number,
             call.name, call.mask, call.line);
    if (source != ALL && !(call.mask >> source & 1))
        fail("%s(%#x) in line %d wants a value from lane %u, which is not in the mask", call.name,
             call.mask, call.line, source);
    lane.call = call;
    lane.given = given;
    lane.source = source;
    warp.gathering |= 1u << lane.number;
    if ((warp.gathering & call.mask) != call.mask) {
        rest();
        return lane.received;
    }
    uint64_t in_all = ~uint64_t{0};
    for (const Lane &other : warp.lanes)
        if (call.mask >> other.number & 1)
            in_all &= other.given;
    for (Lane &other : warp.lanes) {
        if (!(call.mask >> other.number & 1))
            continue;
        if (other.call.line != call.line || other.call.name != call.name
            || other.call.mask != call.mask)
            fail("lane %u of a warp calls %s(%#x) in line %d, lane %u %s(%#x) in line %d: all "
                 "lanes of a mask must make the same call", lane.number, call.name, call.mask,
                 call.line, other.number, other.call.name, other.call.mask, other.call.line);
        other.received = other.source == ALL ? in_all : warp.lanes[other.source].given;
    }
    events++;
    warp.gathering &= ~call.mask;
    warp.ready |= call.mask & ~(1u << lane.number);
    return lane.received;
}

}
