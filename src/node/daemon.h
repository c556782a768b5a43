#ifndef SRC_NODE_DAEMON_H
#define SRC_NODE_DAEMON_H
/* The life of a node's process: it takes the data directory, starts the node
 * and the console socket, waits for its end, and ends in order. Runs on main's
 * thread, and must be called before there is any other. */
#include "src/node/config.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1, /* did not start, or a role could not go on */
	EXIT_USAGE = 2,
	EXIT_FORCED = 3, /* stopped before its sessions had ended */
};

#define DRAIN_SECONDS 10 /* go-livepeer's shutdownTimeout */

/* In the foreground until SIGTERM or SIGINT; that again ends the draining. */
enum exit_code daemon_run(struct config *c);

/* A node of its own, with stdout and stderr to weir.log in the data directory.
 * Returns once it listens; the error is the one it did not start for. */
struct err *daemon_launch(struct config *c) must_check;
#endif
