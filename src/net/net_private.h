#ifndef SRC_NET_NET_PRIVATE_H
#define SRC_NET_NET_PRIVATE_H
/* What the files of src/net share about the net actor. Everything is touched
 * on its thread only, except where a field says otherwise. */
#include "src/net/net.h"

#include <stdatomic.h>
#include <sys/queue.h>

struct acceptor;
struct exchange;
struct fetcher;

struct net {
	struct actor *actor; /* fixed from birth */
	struct log *log;     /* fixed from birth */

	LIST_HEAD(, port) ports;
	/* port.c: what all ports share; made with the first of them. */
	struct acceptor *acceptor;
	/* exchange.c */
	struct exchange *exchanges; /* hashed by id */
	uint64_t last_exchange;	    /* ids are never reused */
	size_t body_bytes;	    /* of requests, held in memory */

	/* fetch.c sets both when it is first used; net_free() calls the
	 * second on the net thread. */
	struct fetcher *fetcher;
	void (*fetcher_stop)(struct net *n);
	bool stopping;		  /* nothing new is fetched any more */
	bool stopped;		  /* the thread has ended; its owner's */
	atomic_ullong last_fetch; /* any thread; ids are never reused */
};

/* port.c: closes all ports with all their connections, at once. */
void ports_stop(struct net *n);
void ports_free(struct net *n); /* when the actor has ended */
#endif
