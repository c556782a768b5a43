#ifndef SRC_MEDIA_NVML_H
#define SRC_MEDIA_NVML_H
/* NVIDIA's management library, found at run time where a driver is installed.
 * A driver that is ill does not return from these calls, ever, so they are made
 * in a process that does nothing else (gpu_watch.c). One thread's. */
#include "src/base/err.h"
#include <stdint.h>

#define GPUS_MAX 64 /* a bit each in a mask of device numbers */

/* Which figures a device or its driver had to give: one that is not there is
 * not zero. */
enum gpu_figure {
	GPU_BUSY = 1 << 0,
	GPU_ENCODER = 1 << 1,
	GPU_DECODER = 1 << 2,
	GPU_MEMORY = 1 << 3,
	GPU_TEMPERATURE = 1 << 4,
	GPU_POWER = 1 << 5,
	GPU_ENCODER_SESSIONS = 1 << 6,
};

struct gpu_reading {
	uint32_t number; /* the driver's */
	uint32_t known;	 /* GPU_* */
	uint32_t busy, encoder, decoder; /* percent of the last moment */
	uint32_t temperature;		 /* degrees Celsius */
	uint32_t power;			 /* milliwatts */
	uint32_t encoder_sessions;
	uint64_t memory_used, memory_total; /* bytes */
	char name[64];			    /* "" unknown */
};

struct nvml;

/* Errors: "no NVIDIA device found: ...". */
struct err *nvml_open(struct nvml **out) must_check;
void nvml_close(struct nvml *n); /* NULL ok */
unsigned nvml_count(struct nvml *n);
/* false: there is no such device. */
bool nvml_read(struct nvml *n, unsigned number, struct gpu_reading *out);
#endif
