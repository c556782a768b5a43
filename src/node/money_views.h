#ifndef SRC_NODE_MONEY_VIEWS_H
#define SRC_NODE_MONEY_VIEWS_H
/* Prices and funds on the board: the roles are asked what they know of them,
 * and what the ladder makes of it is added. Runs on the overview's actor. */
#include "src/role/staker.h"

struct node;

/* Asks; the answers are published when they come. staker: its latest, NULL not
 * known yet. Nothing to do off-chain. */
void money_views_ask(struct node *n, struct actor *on, const struct staker_state *staker);
#endif
