#ifndef SRC_NET_NET_PRIVATE_H
#define SRC_NET_NET_PRIVATE_H
/* What the files of src/net share about the net actor. Everything is touched
 * on its thread only, except where a field says otherwise. */
#include "src/net/net.h"

#include <sys/queue.h>

struct exchange;
struct fetcher;

struct net {
	struct actor *actor; /* fixed from birth */
	struct log *log;     /* fixed from birth */

	LIST_HEAD(, port) ports;
	struct exchange *exchanges; /* hashed by id */
	uint64_t last_exchange;	    /* ids are never reused */

	/* fetch.c sets both when it is first used; net_free() calls the
	 * second on the net thread. */
	struct fetcher *fetcher;
	void (*fetcher_stop)(struct net *n);
};
#endif
