#ifndef SRC_NODE_CTL_H
#define SRC_NODE_CTL_H
/* The console socket's server (proto/ctl_frame.h has the protocol): an actor
 * that reads the board and the journal and tells the consoles what is new, and
 * hands their commands over. It never waits for a console: one that reads
 * slowly skips versions, and each has at most one buffer on its way. Only
 * processes of the node's own user (or root) get in. */
#include "proto/command.h"
#include "src/base/actor.h"
#include "src/base/board.h"
#include "src/base/journal.h"
#include "src/base/log.h"

struct ctl;

struct ctl_options {
	const char *path; /* of the socket; what is there is replaced */
	struct board *board;	 /* slots are enum section, blobs JSON; BOARD_TREND */
	struct journal *journal;
	/* A command, on the ctl actor. The reply: an err that says why it was
	 * refused, or a struct ctl_answer of the heap (NULL: "done"). */
	void (*run)(void *ctx, const struct command *c, struct reply reply);
	/* A passphrase that the node's question of this number asks for, on the ctl
	 * actor: secret memory of CTL_SECRET_MAX + 1 bytes, taken. The reply: the
	 * same. NULL: nothing asks for any. */
	void (*secret)(void *ctx, uint64_t number, char *taken, struct reply reply);
	void *ctx;
};

/* Board and journal must outlive it. */
struct err *ctl_new(const struct log *log, const struct ctl_options *o, struct ctl **out)
	must_check;
/* Takes no more commands or consoles and says BYE; replies that are still to
 * come are dropped. */
void ctl_stop(struct ctl *c, const char *reason);
void ctl_free(struct ctl *c); /* NULL ok */
#endif
