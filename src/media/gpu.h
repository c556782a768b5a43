#ifndef SRC_MEDIA_GPU_H
#define SRC_MEDIA_GPU_H
/* NVIDIA devices: which there are and how they do, from NVML, which is loaded
 * at run time if a driver is installed; whether one encodes is only known by
 * encoding, which a worker does when it starts. A GPU worker decodes and encodes
 * there, where it can; scaling stays on the CPU. One actor's. */
#include "src/base/err.h"
#include <stdint.h>

struct gpus;

/* spec: "0,2" or "all". Errors: "no NVIDIA device found: ...". */
struct err *gpus_open(const char *spec, struct gpus **out) must_check;
void gpus_free(struct gpus *g); /* NULL ok */
size_t gpus_n(const struct gpus *g);
/* The driver's number of the i-th chosen device. */
unsigned gpus_number(const struct gpus *g, size_t i);

struct gpu_state {
	char name[64];	   /* "" unknown */
	double utilisation; /* 0..1; -1 unknown */
	int64_t memory_used; /* bytes; -1 unknown */
};
void gpus_read(const struct gpus *g, size_t i, struct gpu_state *out);

/* Opens h264_nvenc on the device and closes it again. */
struct err *gpu_check_encoder(const char *device) must_check;
#endif
