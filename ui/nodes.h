#ifndef UI_NODES_H
#define UI_NODES_H
/* The nodes that a console could go to: sockets in $XDG_RUNTIME_DIR/weir (where
 * ssh -L puts those of other machines), in the data directories, and those that
 * ~/.config/weir/nodes names; and what each of them says of itself when asked.
 * Never blocks: the caller polls. One owner; times are clock_mono_ms(). */
#include <poll.h>

#include "proto/ctl_codec.h"

enum node_state {
	NODE_ASKED,	/* no answer yet */
	NODE_ALIVE,
	NODE_STALE,	/* a socket that nobody listens on: its node is gone */
	NODE_MISSING,	/* the file names it, and there is no socket */
	NODE_FOREIGN,	/* another user's, and not to be trusted */
	NODE_ODD,	/* it answers, but not as a node of this version */
	NODE_SILENT,	/* it listens, and does not answer */
};
const char *node_state_name(enum node_state s);

struct node_row {
	char *name, *path;
	enum node_state state;
	char *why;	/* it is not alive; NULL: nothing to add */
	char *version, *network, *roles; /* of one that is alive */
	int64_t sessions, alarms;
	/* --- while it is asked --- */
	int fd;
	struct ctl_reader *reader;
	int64_t deadline;
};

struct nodes {
	struct node_row *v; /* by name */
	size_t n;
};

/* Finds them and begins to ask. datadir: one more, that may be elsewhere; NULL
 * none. The error is of the file, if it is wrong; the others are there. */
struct err *nodes_find(struct nodes *nodes, const char *datadir, int64_t now)
	must_check;
/* Adds those that the text of the file names; the text is cut up. Asks nobody. */
struct err *nodes_take(struct nodes *nodes, const char *file, char *text) must_check;
void nodes_clear(struct nodes *nodes);
#define NODES_POLLED 64
/* Fills in at most max entries for poll(); how many. */
size_t nodes_poll(const struct nodes *nodes, struct pollfd *p, size_t max);
/* Reads what has come; true when a row has changed. */
bool nodes_step(struct nodes *nodes, int64_t now);
/* Until when an answer is waited for; -1: all have answered. */
int64_t nodes_deadline(const struct nodes *nodes);
/* The socket that a word means: a path of a socket or of a data directory, or a
 * name of a row; heap. The error names the names there are. */
struct err *nodes_resolve(const struct nodes *nodes, const char *word,
	char **path) must_check;

/* `weir nodes`: 0 when one is alive, 1 when none is, 2 when the file is wrong. */
int nodes_main(const char *datadir, bool json);
#endif
