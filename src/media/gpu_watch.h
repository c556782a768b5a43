#ifndef SRC_MEDIA_GPU_WATCH_H
#define SRC_MEDIA_GPU_WATCH_H
/* The process that asks the GPUs' driver how they do: `weir gpus FD`, started by
 * the pool (pool_gpus.c). It says so once a second, one message a device, on a
 * SOCK_SEQPACKET pair; what it says when the driver hangs is nothing, and the
 * node, which never waits for it, shows just that. It ends with its node, even
 * from within a call that does not return. */
#include "src/media/nvml.h"

#define GPU_WATCH_MS 1000

struct gpu_wish { /* the first message, from the pool */
	uint64_t numbers; /* mask; 0: all there are */
};

struct gpu_report {
	uint32_t n, i; /* how many devices there are, which of them this is */
	struct gpu_reading device;
	char error[160]; /* not "": there will be no other report; n is 0 */
};

/* False: not what a sound one says. */
bool gpu_report_check(const struct gpu_report *r, size_t size);
/* Never returns to its caller's business: the process's exit code. */
int gpu_watch_main(int argc, char **argv);
#endif
