/* Whoever listens to the chain is told, each on its own actor. */
#include <assert.h>
#include <stdlib.h>

#include "src/eth/chain_private.h"

struct telling {
	struct chain_listener to;
	struct chain_facts facts;
	struct eth_addr sender;
	struct sender_funds funds;
	struct tx_job job;
};

static struct telling *telling(const struct chain_listener *to)
{
	struct telling *t = XNEW(struct telling);

	t->to = *to;
	return t;
}

static void do_facts(void *ctx)
{
	struct telling *t = ctx;

	t->to.facts(t->to.ctx, &t->facts);
	free(t);
}

static void do_round(void *ctx)
{
	struct telling *t = ctx;

	t->to.round(t->to.ctx, &t->facts);
	free(t);
}

static void do_funds(void *ctx)
{
	struct telling *t = ctx;

	t->to.funds(t->to.ctx, t->sender, &t->funds);
	free(t);
}

static void do_job(void *ctx)
{
	struct telling *t = ctx;

	t->to.job(t->to.ctx, &t->job);
	free(t);
}

void chain_publish_facts(struct chain *c)
{
	board_publish(c->slot, 0, blob_new(&c->facts, sizeof(c->facts)));
}

void chain_tell_facts(struct chain *c, bool opened)
{
	for (size_t i = 0; i < c->listeners_n; i++) {
		const struct chain_listener *l = &c->listeners[i];
		struct telling *t;

		if (opened && l->round) {
			t = telling(l);
			t->facts = c->facts;
			actor_post(l->to, do_round, t);
		}
		if (l->facts) {
			t = telling(l);
			t->facts = c->facts;
			actor_post(l->to, do_facts, t);
		}
	}
}

void chain_tell_funds(struct chain *c, struct eth_addr sender,
	const struct sender_funds *f)
{
	for (size_t i = 0; i < c->listeners_n; i++) {
		struct telling *t;

		if (!c->listeners[i].funds)
			continue;
		t = telling(&c->listeners[i]);
		t->sender = sender;
		t->funds = *f;
		actor_post(t->to.to, do_funds, t);
	}
}

void chain_tell_jobs(struct chain *c)
{
	struct tx_job job;

	while (c->jobs && jobs_next(c->jobs, &job)) {
		c->balance_ms = 0; /* it was paid for */
		for (size_t i = 0; i < c->listeners_n; i++) {
			struct telling *t;

			if (!c->listeners[i].job)
				continue;
			t = telling(&c->listeners[i]);
			t->job = job;
			actor_post(t->to.to, do_job, t);
		}
	}
}

struct listening {
	struct chain *c;
	struct chain_listener l;
};

static void on_listen(void *ctx)
{
	struct listening *g = ctx;
	struct chain *c = g->c;

	ASSERT_ON(c->actor);
	assert(c->listeners_n < CHAIN_LISTENERS_MAX);
	c->listeners[c->listeners_n++] = g->l;
	if (c->facts.ready && g->l.facts) {
		struct telling *t = telling(&g->l);

		t->facts = c->facts;
		actor_post(g->l.to, do_facts, t);
	}
	free(g);
}

void chain_listen(struct chain *c, const struct chain_listener *l)
{
	struct listening *g = XNEW(struct listening);

	g->c = c;
	g->l = *l;
	actor_post(c->actor, on_listen, g);
}
