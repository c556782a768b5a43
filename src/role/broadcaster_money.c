/* What the operator sets and sees of the broadcaster's money, and the chain's
 * pool coming in. Runs on the bcast actor; the public functions post to it, and
 * do nothing off-chain. */
#include <stdlib.h>

#include "src/base/clock.h"
#include "src/role/broadcaster_private.h"

void broadcaster_note_price(struct broadcaster *b, const struct orchestrator_info *info)
{
	struct str s = STR_INIT;
	struct price p;

	if (price_is_free(b->rule.max_price) || !orchestrator_price(&p, info) ||
		price_cmp(p, b->rule.max_price) <= 0)
		return;
	str_add(&s, "its price of ");
	price_fmt(&s, p);
	str_add(&s, " is above ours of ");
	price_fmt(&s, b->rule.max_price);
	log_info(b->log, "orchestrator %s: %s (-maxPricePerUnit)", info->transcoder, s.s);
	discovery_note(b->discovery, info->transcoder, s.s);
	purse_note(b->purse, info, s.s);
	str_clear(&s);
}

struct money_order {
	struct broadcaster *b;
	struct price price;
	bool on;
	struct discovery_pool *pool;
	struct reply reply;
};

static struct money_order *money_order(struct broadcaster *b)
{
	struct money_order *q = XNEW(struct money_order);

	q->b = b;
	return q;
}

static void on_set_max_price(void *ctx)
{
	struct money_order *q = ctx;

	q->b->rule.max_price = q->price;
	free(q);
}

void broadcaster_set_max_price(struct broadcaster *b, struct price max)
{
	struct money_order *q = money_order(b);

	q->price = max;
	actor_post(b->actor, on_set_max_price, q);
}

static void on_set_ignore_max_price(void *ctx)
{
	struct money_order *q = ctx;

	q->b->rule.ignore_max_price = q->on;
	free(q);
}

void broadcaster_set_ignore_max_price(struct broadcaster *b, bool ignore)
{
	struct money_order *q = money_order(b);

	q->on = ignore;
	actor_post(b->actor, on_set_ignore_max_price, q);
}

static void on_set_pool(void *ctx)
{
	struct money_order *q = ctx;

	discovery_set_pool(q->b->discovery, q->pool);
	q->b->dirty = true;
	free(q);
}

void broadcaster_set_pool(struct broadcaster *b, struct discovery_pool *taken)
{
	struct money_order *q = money_order(b);

	q->pool = taken;
	actor_post(b->actor, on_set_pool, q);
}

static void on_funds(void *ctx)
{
	struct money_order *q = ctx;
	struct view_funds *v = NULL;

	if (q->b->purse) {
		v = XNEW(struct view_funds);
		purse_view(q->b->purse, clock_mono_ms(), v);
	}
	reply_send(q->reply, v ? NULL : err_new(ERR_INVALID, "off-chain nobody is paid"),
		v);
	free(q);
}

void broadcaster_funds(struct broadcaster *b, struct reply reply)
{
	struct money_order *q = money_order(b);

	q->reply = reply;
	actor_post(b->actor, on_funds, q);
}
