#ifndef SRC_MEDIA_SANDBOX_H
#define SRC_MEDIA_SANDBOX_H
/* Takes from this process what decoding a stranger's media does not need: the
 * file system, the network, other processes, executable memory, new
 * privileges. There is no way back. Call it before other threads exist, with
 * every library loaded.
 *
 * Opening a file answers "permission denied" (libraries try, and live with
 * it), except /proc/self/fd/N, which duplicates descriptor N: FFmpeg's
 * signature filter writes to nothing but a path. What no library tries kills
 * the process (SIGSYS), which the pool reports.
 *
 * With `gpu` the driver must go on opening devices and mapping what it likes,
 * so only the network, other programs, tracing and mounts are taken away.
 * Built with a sanitizer, the same: its runtime needs as much. */
#include "src/base/err.h"

struct sandbox_limits {
	size_t memory; /* bytes of address space; not under a sanitizer */
	bool gpu;
	int socket; /* the only one that may be sent to and received from */
};
struct err *sandbox_enter(const struct sandbox_limits *l) must_check;
#endif
