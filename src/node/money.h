#ifndef SRC_NODE_MONEY_H
#define SRC_NODE_MONEY_H
/* Nothing on the chain without a question: a command about money is weighed
 * and answered with a summary and a token, and only the same command with the
 * token acts - once: sent again, it gets the same answer. Where the facts have
 * moved between the two, it is asked about anew. All of it on the ctl actor. */
#include "proto/command.h"
#include "src/base/actor.h"
#include "src/role/deed.h"

struct command_target;
struct money;

/* A question waits so long for its answer, and what came of it is remembered
 * so long. */
#define MONEY_OPEN_MS 300000
#define MONEY_KEPT_MS 600000
#define MONEY_MAX 64

struct money *money_new(void);
void money_free(struct money *m); /* NULL ok */

/* A deed that the command c is about. The reply as command_run()'s. */
void money_deed(struct command_target *t, const struct command *c, const struct deed *d,
	struct reply reply);

/* Speeding a transaction up, or cancelling it. */
enum tx_order { TX_SPEED_UP, TX_CANCEL };
void money_tx(struct command_target *t, const struct command *c, enum tx_order order,
	int64_t id, struct reply reply);
#endif
