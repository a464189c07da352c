/* What the parts of the emulated driver share.

   The types and numbers are those of the CUDA driver's public interface. They are declared here,
   so that no CUDA is needed to compile it. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Everything else stays hidden, so that no name of ours meets one of the program. */
#define API __attribute__((visibility("default"))) CUresult

#define MOST_DEVICES 16
#define INVALID_DEVICE (-2)

enum {
    CUDA_SUCCESS = 0,
    CUDA_ERROR_INVALID_VALUE = 1,
    CUDA_ERROR_OUT_OF_MEMORY = 2,
    CUDA_ERROR_NOT_INITIALIZED = 3,
    CUDA_ERROR_NO_DEVICE = 100,
    CUDA_ERROR_INVALID_DEVICE = 101,
    CUDA_ERROR_INVALID_CONTEXT = 201,
    CUDA_ERROR_MAP_FAILED = 205,
    CUDA_ERROR_INVALID_HANDLE = 400,
    CUDA_ERROR_NOT_FOUND = 500,
    CUDA_ERROR_NOT_READY = 600,
    CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED = 712,
    CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED = 713,
    CUDA_ERROR_NOT_SUPPORTED = 801,
    CUDA_ERROR_UNKNOWN = 999
};

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct context *CUcontext;
typedef struct stream *CUstream;
typedef struct event *CUevent;

/* The primary context of a device: the only kind there is here, as in programs of the runtime. */
struct context {
    int device;
    unsigned users;
    unsigned flags;
    unsigned long long id;
};

typedef enum { ON_DEVICE, OF_ANOTHER_PROCESS, HOST_ALLOCATED, HOST_REGISTERED } memory_kind;

/* One block of device memory, or of host memory that the driver knows. */
typedef struct memory {
    struct memory *next;
    char *address;      /* what programs hold: on a device, pages that nobody may read or write */
    char *shadow;       /* where the data is; of host memory the address itself */
    size_t size;        /* as asked for */
    size_t mapped;      /* in whole pages */
    memory_kind kind;
    int device;
    int sync_memops;
    unsigned long long id;
    off_t offset;       /* in the file of device memory of its process */
    ino_t file;         /* which file that is */
    unsigned opened;    /* how often, by handle */
} memory;

/* devices.c: every entry holds the lock, and fails before cuInit. */
int enter(void);
void leave(const int *entered);
#define ENTER                                                   \
    __attribute__((cleanup(leave))) const int entered = enter(); \
    if (entered != CUDA_SUCCESS)                                \
        return entered

int device_count(void);
int number_on_machine(int device);  /* the same in all processes, whatever each of them sees */
int device_of_number(int number);   /* INVALID_DEVICE if this process does not see it */
size_t device_capacity(void);

/* contexts.c */
CUcontext context_of(int device);
CUcontext current_context(void);
#define ENTER_CONTEXT(context)                  \
    ENTER;                                      \
    CUcontext const context = current_context(); \
    if (context == NULL)                        \
        return CUDA_ERROR_INVALID_CONTEXT

/* blocks.c */
memory *find_memory(const void *address);
memory *add_memory(memory_kind kind, char *address, size_t size, int device);
void drop_memory(memory *block);
memory *map_device_memory(int file, off_t offset, size_t size);
void unmap_device_memory(memory *block);
memory *find_opened(ino_t file, off_t offset);
int device_memory_file(void);
size_t whole_pages(size_t size);

static inline bool on_device(const memory *block) {
    return block != NULL && (block->kind == ON_DEVICE || block->kind == OF_ANOTHER_PROCESS);
}

/* queues.c */
typedef struct work {
    struct work *next;
    uint64_t turn; /* when it was enqueued, over all streams */
    enum { COPY, FILL, CALL, CALL_BACK, WAIT, MARK } kind;
    char *to;   /* where it writes, and where it reads: host addresses of `size` bytes */
    const char *from;
    size_t size;
    char *staged; /* a copy of what was in pageable memory when the call was made */
    unsigned value, width;
    void (*call)(void *);
    void (*call_back)(CUstream, CUresult, void *);
    void *data;
    CUstream other; /* WAIT: for all of its work up to this turn */
    uint64_t before;
} work;

struct stream {
    struct stream *next;
    int device;
    bool is_default, is_blocking, destroyed;
    work *first;
    work **end;
};

CUstream add_stream(int device, bool is_default, bool is_blocking);
CUresult use_stream(CUstream *stream, CUcontext context);
CUresult enqueue(CUstream stream, work item);
uint64_t last_turn(void);
bool is_done(CUstream stream, uint64_t turn);
void mark_default(CUstream stream); /* so that its work includes what it has to wait for */
bool run_next(CUstream stream);
void run_until_done(CUstream stream, uint64_t turn);
void run_all(int device);
size_t count_pending(const char *from, size_t size);
void finish_with(const memory *block);
