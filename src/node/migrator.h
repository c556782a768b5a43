#ifndef SRC_NODE_MIGRATOR_H
#define SRC_NODE_MIGRATOR_H
/* The wizard, for consoles. It is `weir migrate --report lines`, a process of its
 * own that this drives: one at a time, its answers come from whatever console has
 * some, and what it is at is published as SECTION_WIZARD, so that a console may
 * leave and come back. It ends with the node, and goes on from its record by
 * another order. An actor of its own; all functions are for any thread, but new
 * and free, which are main's. */
#include "src/base/actor.h"
#include "src/base/board.h"
#include "src/base/log.h"

struct migrator;

struct migrator_options {
	const char *exe;     /* NULL: this program */
	const char *records; /* of record_directory() */
	const char *home;    /* where data directories of the alpha used to lie */
	struct board *board; /* must outlive it */
};
struct migrator *migrator_new(const struct log *log, const struct migrator_options *o);
/* Kills the wizard, which its record survives. NULL ok. */
void migrator_free(struct migrator *m);

enum migrator_way { MIGRATOR_START, MIGRATOR_RESUME, MIGRATOR_ROLLBACK };
struct migrator_order {
	enum migrator_way way;
	/* Absolute; of RESUME and ROLLBACK NULL: those of the record `id`, or, NULL,
	 * of the newest that there is something to do with. */
	const char *from, *to, *id;
	const char *answers; /* path of a file; NULL: none */
};
/* Copies the order. The reply has no result. ERR_BUSY: one runs. */
void migrator_order(struct migrator *m, const struct migrator_order *o, struct reply reply);
/* ERR_NOT_FOUND: that question is not asked, or not any more. */
void migrator_answer(struct migrator *m, int64_t question, const char *text,
	struct reply reply);
/* taken: for passphrase_free(). */
void migrator_secret(struct migrator *m, int64_t question, char *taken, struct reply reply);
/* Ends the wizard where it is. */
void migrator_halt(struct migrator *m, struct reply reply);
#endif
