#ifndef TESTS_UNIT_FAKE_CHAIN_H
#define TESTS_UNIT_FAKE_CHAIN_H
/* A chain that the test plays: what roles ask of src/eth/chain.h, from one
 * struct. It defines those functions, so that the linker leaves the real chain
 * in the archive. Included by one test program's one source file. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "src/eth/chain.h"

#define FAKE_PURSES 8
#define FAKE_LISTENERS 4
#define FAKE_HELD 256

struct chain {
	pthread_mutex_t lock;
	struct chain_facts facts;
	struct chain_listener listener[FAKE_LISTENERS];
	size_t listeners;
	struct { /* who has how much; everybody else has nothing */
		struct eth_addr owner;
		struct sender_funds funds;
	} purse[FAKE_PURSES];
	size_t purses;
	/* The script. */
	atomic_bool dead; /* questions are answered with an error */
	atomic_bool hold; /* questions wait for fake_chain_release() */
	struct {
		struct eth_addr who;
		struct reply reply;
	} held[FAKE_HELD];
	size_t held_n;
	atomic_uint asked;
};

static inline struct chain *fake_chain_new(void)
{
	struct chain *c = XNEW(struct chain);
	struct round_facts *r = &c->facts.round;

	pthread_mutex_init(&c->lock, NULL);
	c->facts.ready = c->facts.registered = c->facts.active = true;
	c->facts.l1.v = c->facts.head.v = 1000;
	c->facts.gas_price = wei_from_gwei(1);
	r->current.v = r->initialized.v = 7;
	memset(&r->hash, 0x77, sizeof(r->hash));
	memset(&r->previous_hash, 0x66, sizeof(r->previous_hash));
	r->length = 100;
	r->start.v = 950;
	r->pool_size = 10;
	r->ticket_validity = 2;
	return c;
}

static inline void fake_chain_free(struct chain *c)
{
	if (!c)
		return;
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static inline struct wei fake_eth(uint64_t milli)
{
	struct wei w;

	if (!wei_mul(&w, wei_from(1000000000000000), milli))
		abort();
	return w;
}

/* Deposit and reserve in thousandths of an ETH. */
static inline struct sender_funds *fake_chain_fund(struct chain *c, struct eth_addr owner,
	uint64_t deposit, uint64_t reserve)
{
	struct sender_funds *f;
	size_t i = 0;

	pthread_mutex_lock(&c->lock);
	while (i < c->purses && !addr_eq(c->purse[i].owner, owner))
		i++;
	if (i == FAKE_PURSES)
		abort();
	c->purses = i == c->purses ? i + 1 : c->purses;
	c->purse[i].owner = owner;
	f = &c->purse[i].funds;
	*f = (struct sender_funds){ .deposit = fake_eth(deposit),
		.reserve = fake_eth(reserve), .round = c->facts.round.initialized };
	pthread_mutex_unlock(&c->lock);
	return f;
}

struct fake_news {
	struct chain_listener l;
	struct chain_facts facts;
	struct eth_addr who;
	struct sender_funds funds;
};

static inline void on_fake_facts(void *ctx)
{
	struct fake_news *n = ctx;

	n->l.facts(n->l.ctx, &n->facts);
	free(n);
}

static inline void on_fake_funds(void *ctx)
{
	struct fake_news *n = ctx;

	n->l.funds(n->l.ctx, n->who, &n->funds);
	free(n);
}

/* Tells the listeners of the facts, and of all purses. */
static inline void fake_chain_tell(struct chain *c)
{
	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < c->listeners; i++) {
		struct fake_news *n;

		if (c->listener[i].facts) {
			n = XNEW(struct fake_news);
			n->l = c->listener[i];
			n->facts = c->facts;
			actor_post(n->l.to, on_fake_facts, n);
		}
		for (size_t j = 0; c->listener[i].funds && j < c->purses; j++) {
			n = XNEW(struct fake_news);
			n->l = c->listener[i];
			n->who = c->purse[j].owner;
			n->funds = c->purse[j].funds;
			actor_post(n->l.to, on_fake_funds, n);
		}
	}
	pthread_mutex_unlock(&c->lock);
}

/* Under the lock. */
static inline void fake_chain_answer(struct chain *c, struct eth_addr who,
	struct reply reply)
{
	struct sender_funds none = { .round = c->facts.round.initialized };

	if (atomic_load(&c->dead)) {
		reply_send(reply, err_new(ERR_UNAVAILABLE, "no RPC"), NULL);
		return;
	}
	for (size_t i = 0; i < c->purses; i++) {
		if (addr_eq(c->purse[i].owner, who))
			none = c->purse[i].funds;
	}
	reply_send(reply, NULL, xmemdup(&none, sizeof(none)));
}

static inline void fake_chain_release(struct chain *c)
{
	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < c->held_n; i++)
		fake_chain_answer(c, c->held[i].who, c->held[i].reply);
	c->held_n = 0;
	pthread_mutex_unlock(&c->lock);
}

/* --- src/eth/chain.h --- */

struct chain_facts chain_now(const struct chain *c)
{
	struct chain *mine = (struct chain *)(uintptr_t)c;
	struct chain_facts f;

	pthread_mutex_lock(&mine->lock);
	f = mine->facts;
	pthread_mutex_unlock(&mine->lock);
	return f;
}

void chain_listen(struct chain *c, const struct chain_listener *l)
{
	pthread_mutex_lock(&c->lock);
	if (c->listeners == FAKE_LISTENERS)
		abort();
	c->listener[c->listeners++] = *l;
	pthread_mutex_unlock(&c->lock);
}

void chain_funds(struct chain *c, struct eth_addr sender, struct reply reply)
{
	atomic_fetch_add(&c->asked, 1);
	pthread_mutex_lock(&c->lock);
	if (atomic_load(&c->hold) && c->held_n < FAKE_HELD) {
		c->held[c->held_n].who = sender;
		c->held[c->held_n++].reply = reply;
	} else {
		fake_chain_answer(c, sender, reply);
	}
	pthread_mutex_unlock(&c->lock);
}
#endif
