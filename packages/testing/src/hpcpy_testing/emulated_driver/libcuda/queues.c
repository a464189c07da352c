/* Queues of work, one for each stream, that is done when somebody waits for it, and not before.

   On a GPU such work may be done at once or much later. Here it is always late, so that a program
   that does not wait gets wrong data every time.

   All work has a turn. The default stream waits for all earlier work of the others, and they for
   its, unless they were created CU_STREAM_NON_BLOCKING. Turns only ever refer to earlier ones, so
   the functions that wait for each other come to an end. */

#include "driver.h"

#include <stdlib.h>
#include <string.h>

/* The handles of the default stream: of all threads, or of each; one is enough here. */
#define LEGACY ((CUstream)1)
#define PER_THREAD ((CUstream)2)

/* Destroyed streams stay in the list, because events may still name them. */
static CUstream streams;
static uint64_t turns;

CUstream add_stream(int device, bool is_default, bool is_blocking) {
    CUstream const stream = calloc(1, sizeof *stream);
    *stream = (struct stream){
        .next = streams,
        .device = device,
        .is_default = is_default,
        .is_blocking = is_blocking,
        .end = &stream->first,
    };
    return streams = stream;
}

CUresult use_stream(CUstream *stream, CUcontext context) {
    const bool is_default = *stream == NULL || *stream == LEGACY || *stream == PER_THREAD;
    for (CUstream known = streams; known != NULL; known = known->next)
        if (is_default ? known->is_default && known->device == context->device
                       : known == *stream && !known->destroyed) {
            *stream = known;
            return CUDA_SUCCESS;
        }
    if (!is_default)
        return CUDA_ERROR_INVALID_HANDLE;
    *stream = add_stream(context->device, true, true);
    return CUDA_SUCCESS;
}

CUresult enqueue(CUstream stream, work item) {
    work *const added = malloc(sizeof *added);
    if (added == NULL)
        return CUDA_ERROR_OUT_OF_MEMORY;
    *added = item;
    added->next = NULL;
    added->turn = ++turns;
    *stream->end = added;
    stream->end = &added->next;
    return CUDA_SUCCESS;
}

uint64_t last_turn(void) { return turns; }

bool is_done(CUstream stream, uint64_t turn) {
    return stream->first == NULL || stream->first->turn > turn;
}

static void perform(const work *item) {
    switch (item->kind) {
    case COPY:
        memmove(item->to, item->from, item->size);
        break;
    case FILL:
        for (size_t at = 0; at < item->size; at += item->width)
            memcpy(item->to + at, &item->value, item->width); /* little-endian */
        break;
    case CALL:
        item->call(item->data);
        break;
    case CALL_BACK:
        item->call_back(item->other, CUDA_SUCCESS, item->data);
        break;
    case WAIT:
        run_until_done(item->other, item->before);
        break;
    case MARK:
        break;
    }
}

static bool wait_for_each_other(CUstream one, CUstream other) {
    return one->is_blocking && other->is_blocking && one->is_default != other->is_default &&
           one->device == other->device;
}

void mark_default(CUstream stream) {
    for (CUstream other = streams; other != NULL; other = other->next)
        if (stream->is_default && wait_for_each_other(stream, other) && other->first != NULL) {
            enqueue(stream, (work){.kind = MARK});
            return;
        }
}

bool run_next(CUstream stream) {
    work *const item = stream->first;
    if (item == NULL)
        return false;
    stream->first = item->next;
    if (stream->first == NULL)
        stream->end = &stream->first;
    for (CUstream other = streams; other != NULL; other = other->next)
        if (wait_for_each_other(stream, other))
            run_until_done(other, item->turn);
    perform(item);
    free(item->staged);
    free(item);
    return true;
}

void run_until_done(CUstream stream, uint64_t turn) {
    while (!is_done(stream, turn))
        run_next(stream);
}

void run_all(int device) {
    for (CUstream stream = streams; stream != NULL; stream = stream->next)
        if (stream->device == device)
            run_until_done(stream, turns);
}

static bool touches(const work *item, const char *from, size_t size) {
    const bool writes = item->to < from + size && from < item->to + item->size;
    const bool reads = item->from < from + size && from < item->from + item->size;
    return item->size > 0 && (writes || reads);
}

size_t count_pending(const char *from, size_t size) {
    size_t pending = 0;
    for (CUstream stream = streams; stream != NULL; stream = stream->next)
        for (const work *item = stream->first; item != NULL; item = item->next)
            pending += touches(item, from, size);
    return pending;
}

void finish_with(const memory *block) {
    for (CUstream stream = streams; stream != NULL; stream = stream->next) {
        uint64_t last = 0;
        for (const work *item = stream->first; item != NULL; item = item->next)
            if (touches(item, block->shadow, block->size))
                last = item->turn;
        run_until_done(stream, last);
    }
}
