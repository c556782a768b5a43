#ifndef SRC_ROLE_CARRY_H
#define SRC_ROLE_CARRY_H
/* A deed that is done once, however often it is asked for: whoever asks gives
 * it a name, its transactions are made in that name, and what was done in it is
 * not done again - not by another process either, since the names are in the
 * database. So whoever dies before the answer asks the same once more. The
 * other half of staker.h, for programs; any thread. */
#include "src/role/staker.h"

#define CARRY_NAME_SIZE 32

/* A deed that was weighed, as it was. It goes on by itself, over restarts too.
 * Carries no result. ERR_BUSY: another deed is under way. */
void staker_carry(struct staker *s, const struct deed *d, const char *name,
	struct reply reply);

enum carried_state {
	CARRIED_UNKNOWN, /* not asked for since the start, nor under way then */
	CARRIED_UNDER_WAY,
	CARRIED_DONE,
	CARRIED_FAILED, /* in this name it will not be done any more */
};
struct carried {
	enum carried_state state;
	char why[256]; /* what it waits for, or failed of */
	struct tx_job *txs; /* owned: made in its name, oldest first */
	size_t n;
};
void carried_free(struct carried *c); /* NULL ok */
/* Result: struct carried. */
void staker_carried(struct staker *s, const char *name, struct reply reply);
#endif
