#ifndef SRC_ROLE_DISCOVERY_PRIVATE_H
#define SRC_ROLE_DISCOVERY_PRIVATE_H
/* What discovery_list.c (who there is) and discovery.c (who answers) share. All
 * of it belongs to the broadcaster's actor. */
#include "src/role/discovery.h"
#include "src/role/purse.h"

struct known {
	char uri[URI_SIZE];
	double score;
	char address[2 * sizeof(struct eth_addr) + 3];
	int64_t latency_ms;
	char *last_error;
	int64_t last_error_ms;
};

struct waiter {
	struct waiter *next;
	struct reply reply;
};

struct discovery {
	struct log *log;
	struct actor *actor;
	struct net *net;
	char *webhook;
	unsigned first_ms;
	char *blocklist;
	unsigned extra_nodes;
	struct purse *purse; /* NULL off-chain */
	bool uses_pool;
	struct discovery_pool *pool; /* NULL: not heard of yet */
	struct timer *patience;	     /* of those who wait for the first one */

	struct known *known;
	size_t known_n;
	int64_t listed_ms; /* monotonic; 0: never */
	bool listing;
	struct waiter *waiters;
};

/* NULL: not in the list. */
struct known *discovery_known(const struct discovery *d, const char *uri);
bool discovery_has_trust(const struct known *k, enum trust trust);
void discovery_note_answer(struct discovery *d, const char *uri, const char *address,
	int64_t latency_ms);
#endif
