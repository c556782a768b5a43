#ifndef SRC_NODE_ONCHAIN_H
#define SRC_NODE_ONCHAIN_H
/* The part of the node that lives with a chain: made before the roles, which it
 * serves, and ended after them. main's thread. */
#include "src/node/config.h"

struct node;

/* Nothing to do off chain. Errors name the flag and the remedy. */
struct err *onchain_start(struct node *n) must_check;
/* The roles have been stopped before the first, and are freed between the two:
 * the chain's last answers go to them, and they may hold on to it. */
void onchain_stop(struct node *n);
void onchain_free(struct node *n);

/* -minGasPrice, or the network's own. */
struct wei onchain_min_gas_price(const struct config *c);
/* Gas of one redemption, as tickets are reckoned with. */
struct gas onchain_redeem_gas(const struct config *c);
/* The orchestrator that is paid: -ethOrchAddr or the account. */
struct eth_addr onchain_recipient(const struct node *n);
/* The database, for whoever opens a connection of its own. */
char *onchain_db_path(const struct node *n);
#endif
