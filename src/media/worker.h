#ifndef SRC_MEDIA_WORKER_H
#define SRC_MEDIA_WORKER_H
/* The worker process, `weir worker FD`: worker_main() of pool.h. One thread
 * that reads requests from the socket FD, does them, answers, and ends when
 * the socket does. Everything hostile happens here, inside the sandbox.
 * See worker_proto.h for what is said. */
#include "src/media/pool.h"
#endif
