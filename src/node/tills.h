#ifndef SRC_NODE_TILLS_H
#define SRC_NODE_TILLS_H
/* What makes the roles paid ones on a chain: the orchestrator's cashier and its
 * redeemer, the broadcaster's purse. Made after the chain and before the
 * role, joined to it, ended with the node: a role that rests keeps them. main's
 * thread; off-chain each of these does nothing. roles: of enum option_roles. */
#include "src/base/err.h"

struct config;
struct node;

/* Of those that have none yet. Errors name the flag. */
struct err *tills_start(struct node *n, const struct config *c, unsigned roles) must_check;
/* The roles are there: what they have to tell one another is connected, and
 * prices for single broadcasters are set. Once more does no harm. */
struct err *tills_join(struct node *n, const struct config *c, unsigned roles) must_check;
/* After the roles were stopped, before the chain is. */
void tills_stop(struct node *n);
/* After the roles and the chain are freed. */
void tills_free(struct node *n);
#endif
