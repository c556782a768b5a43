#ifndef SRC_WIZARD_OUTPOST_H
#define SRC_WIZARD_OUTPOST_H
/* The part of a node that lives with the chain, on the new data directory and
 * without a role: what the wizard sends is a row in that directory's database
 * before it is sent, and the node that runs there later goes on with what this
 * one left. main's thread, which waits for the node's; not from any of those. */
#include "src/node/config.h"
#include "src/role/carry.h"

struct outpost;
struct signer;

/* c: the new node's configuration. signer is borrowed. */
struct err *outpost_open(const struct config *c, const struct signer *signer,
	struct outpost **out) must_check;
void outpost_close(struct outpost *o); /* NULL ok; what was sent goes on */

/* Until the chain is there. ERR_TIMEOUT: it is not, after limit_ms. */
struct err *outpost_wait_ready(struct outpost *o, int64_t limit_ms) must_check;
struct chain_facts outpost_facts(const struct outpost *o);

/* staker_weigh(), staker_carry() and staker_carried(), and the wait for their
 * answers. */
struct err *outpost_weigh(struct outpost *o, const struct deed *d, struct weighed **out)
	must_check;
struct err *outpost_carry(struct outpost *o, const struct deed *d, const char *name)
	must_check;
struct err *outpost_carried(struct outpost *o, const char *name, struct carried **out)
	must_check;
#endif
