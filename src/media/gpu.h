#ifndef SRC_MEDIA_GPU_H
#define SRC_MEDIA_GPU_H
/* Whether an NVIDIA device encodes is only known by encoding, which a GPU worker
 * does when it starts. It decodes and encodes there, where it can; scaling stays
 * on the CPU. In the worker. */
#include "src/base/err.h"

/* Opens h264_nvenc on the device and closes it again. */
struct err *gpu_check_encoder(const char *device) must_check;
#endif
