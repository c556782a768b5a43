#ifndef SRC_NODE_TILLS_H
#define SRC_NODE_TILLS_H
/* What makes the roles paid ones on a chain: the orchestrator's cashier and its
 * redeemer, the broadcaster's purse. Made after the chain and before the
 * roles, joined to them, ended with them. main's thread; off-chain each of
 * these does nothing. */
#include "src/base/err.h"

struct node;

/* Errors name the flag. */
struct err *tills_start(struct node *n) must_check;
/* The roles are there: what they have to tell one another is connected, and
 * prices for single broadcasters are set. */
struct err *tills_join(struct node *n) must_check;
/* After the roles were stopped, before the chain is. */
void tills_stop(struct node *n);
/* After the roles and the chain are freed. */
void tills_free(struct node *n);
#endif
