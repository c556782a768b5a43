/* Prices and what goes with them, from the operator to the roles. */
#include <stdlib.h>
#include <string.h>

#include "proto/view_codec.h"
#include "src/model/view_money.h"
#include "src/node/node.h"
#include "src/node/node_private.h"
#include "src/role/redeemer.h"

bool node_is_paid(const struct node *n)
{
	return n->cashier && n->orchestrator;
}

bool node_pays(const struct node *n)
{
	return n->purse && n->broadcaster;
}

void node_set_price(struct node *n, const struct eth_addr *who, const struct price *p)
{
	orchestrator_set_price(n->orchestrator, who, p);
}

void node_set_ticket_ev(struct node *n, struct wei ev)
{
	orchestrator_set_ticket_ev(n->orchestrator, ev);
}

void node_set_max_face_value(struct node *n, struct wei max)
{
	orchestrator_set_max_face_value(n->orchestrator, max);
}

void node_set_auto_adjust(struct node *n, bool on)
{
	orchestrator_set_auto_adjust(n->orchestrator, on);
}

void node_set_max_price(struct node *n, struct price p)
{
	node_keep_max_price(n, p);
	broadcaster_set_max_price(n->broadcaster, p);
}

struct err *node_set_gas_prices(struct node *n, const struct wei *min, const struct wei *max)
{
	struct wei low = min ? *min : n->min_gas_price, high = max ? *max : n->max_gas_price;

	if (!wei_is_zero(high) && wei_cmp(low, high) > 0)
		return err_new(ERR_INVALID, "the least gas price is above the highest");
	n->min_gas_price = low;
	n->max_gas_price = high;
	chain_set_gas_prices(n->chain, n->min_gas_price, n->max_gas_price);
	if (n->redeemer)
		redeemer_set_max_gas_price(n->redeemer, n->max_gas_price);
	return NULL;
}

/* One thread changes them: main's at the start, then ctl's. */
static struct kept_terms *next_terms(struct node *n)
{
	struct kept_terms *now = atomic_load(&n->terms);
	struct kept_terms *k = XNEW(struct kept_terms);

	if (now)
		*k = *now;
	else
		k->max_price = PRICE_FREE;
	k->before = now;
	return k;
}

void node_keep_ladder(struct node *n, const struct ladder *l)
{
	struct kept_terms *k = next_terms(n);

	k->ladder = *l;
	atomic_store(&n->terms, k);
}

void node_keep_max_price(struct node *n, struct price p)
{
	struct kept_terms *k = next_terms(n);

	k->max_price = p;
	atomic_store(&n->terms, k);
}

void node_drop_terms(struct node *n)
{
	struct kept_terms *k = atomic_load(&n->terms), *before;

	for (; k; k = before) {
		before = k->before;
		free(k);
	}
}

struct err *node_set_ladder(struct node *n, const struct ladder *l)
{
	if (!n->broadcaster)
		return err_new(ERR_INVALID, "a ladder is a broadcaster's to choose, and this "
			"node is none");
	node_keep_ladder(n, l);
	broadcaster_set_ladder(n->broadcaster, l);
	return NULL;
}

static void read_pricing(struct node *n, struct node_terms *t)
{
	uint64_t version;
	struct blob *json = board_get(n->board, SECTION_PRICING, &version);
	struct view_pricing v = {.price = NULL};
	struct err *e = json ? view_decode(section_desc(SECTION_PRICING),
				      (const char *)blob_data(json), blob_size(json), &v)
			     : NULL;

	err_free(e);
	if (!view_read_price(&t->price, v.advertised))
		t->price = PRICE_FREE;
	t->has_tickets = view_read_wei(&t->face_value, v.face_value) &&
		view_read_wei(&t->tx_cost, v.tx_cost);
	view_clear(section_desc(SECTION_PRICING), &v);
	blob_put(json);
}

struct node_terms node_terms(struct node *n)
{
	const struct kept_terms *k = atomic_load(&n->terms);
	struct node_terms t = {.price = k ? k->max_price : PRICE_FREE};

	if (k)
		t.ladder = k->ladder;
	if (node_is_paid(n))
		read_pricing(n, &t);
	return t;
}
