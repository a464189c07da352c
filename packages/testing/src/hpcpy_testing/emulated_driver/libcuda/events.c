/* Events: whether the work in a stream has come to where they were recorded. */

#include "driver.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INTERPROCESS 4

struct event {
    struct event *next;
    bool is_interprocess;
    CUstream stream; /* NULL: never recorded, or of another process */
    uint64_t turn;
};

/* What another process needs to open an event: that it is one. */
typedef struct {
    char name[8];
    pid_t owner;
    char unused[52];
} event_handle;

static const char HANDLE_NAME[8] = "hpcpy-ev";
static CUevent events;

static CUevent add_event(bool is_interprocess) {
    CUevent const event = calloc(1, sizeof *event);
    *event = (struct event){.next = events, .is_interprocess = is_interprocess};
    return events = event;
}

static bool is_event(CUevent event) {
    CUevent known = events;
    while (known != NULL && known != event)
        known = known->next;
    return known != NULL;
}

#define ENTER_EVENT(event)      \
    ENTER_CONTEXT(context);     \
    (void)context;              \
    if (!is_event(event))       \
        return CUDA_ERROR_INVALID_HANDLE

API cuEventCreate(CUevent *event, unsigned flags) {
    ENTER_CONTEXT(context);
    (void)context;
    *event = add_event(flags & INTERPROCESS);
    return CUDA_SUCCESS;
}

API cuEventDestroy_v2(CUevent event) {
    ENTER_EVENT(event);
    CUevent *link = &events;
    while (*link != event)
        link = &(*link)->next;
    *link = event->next;
    free(event);
    return CUDA_SUCCESS;
}

API cuEventRecord(CUevent event, CUstream stream) {
    ENTER_EVENT(event);
    CUresult result = use_stream(&stream, context);
    if (result == CUDA_SUCCESS)
        result = enqueue(stream, (work){.kind = MARK});
    if (result != CUDA_SUCCESS)
        return result;
    event->stream = stream;
    event->turn = last_turn();
    /* Another process that waits for it cannot do our work, and must not wait for ever. */
    if (event->is_interprocess)
        run_until_done(stream, event->turn);
    return CUDA_SUCCESS;
}

/* Every query of unfinished work finds it nearer to its end. */
API cuEventQuery(CUevent event) {
    ENTER_EVENT(event);
    if (event->stream == NULL || is_done(event->stream, event->turn))
        return CUDA_SUCCESS;
    run_next(event->stream);
    return CUDA_ERROR_NOT_READY;
}

API cuEventSynchronize(CUevent event) {
    ENTER_EVENT(event);
    if (event->stream != NULL)
        run_until_done(event->stream, event->turn);
    return CUDA_SUCCESS;
}

API cuStreamWaitEvent(CUstream stream, CUevent event, unsigned flags) {
    (void)flags;
    ENTER_EVENT(event);
    const CUresult usable = use_stream(&stream, context);
    if (usable != CUDA_SUCCESS || event->stream == NULL)
        return usable;
    return enqueue(stream, (work){.kind = WAIT, .other = event->stream, .before = event->turn});
}

API cuIpcGetEventHandle(event_handle *handle, CUevent event) {
    ENTER_EVENT(event);
    if (!event->is_interprocess)
        return CUDA_ERROR_INVALID_VALUE;
    *handle = (event_handle){.owner = getpid()};
    memcpy(handle->name, HANDLE_NAME, sizeof handle->name);
    return CUDA_SUCCESS;
}

API cuIpcOpenEventHandle(CUevent *event, event_handle handle) {
    ENTER_CONTEXT(context);
    (void)context;
    if (memcmp(handle.name, HANDLE_NAME, sizeof handle.name) != 0 || handle.owner == getpid() ||
        kill(handle.owner, 0) != 0)
        return CUDA_ERROR_MAP_FAILED;
    *event = add_event(false);
    return CUDA_SUCCESS;
}
