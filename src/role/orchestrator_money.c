/* What the operator sets and sees of the orchestrator's money: the cashier's
 * face to the rest of the node. Runs on the orch actor; the public functions
 * post to it, and do nothing off-chain. */
#include <assert.h>
#include <stdlib.h>

#include "src/model/view_money.h"
#include "src/role/orchestrator_private.h"

void orchestrator_session_money(const struct orchestrator *o, const struct session *s,
	struct session_row *row)
{
	struct credit balance;

	view_set_price(&row->price, s->price);
	view_set_credit(&row->paid, s->paid);
	if (cashier_balance(o->cashier, s->sender, s->id, &balance))
		view_set_credit(&row->credit, balance);
}

/* --- orders --- */

struct money_order {
	struct orchestrator *o;
	bool has_sender, has_price, on;
	struct eth_addr sender;
	struct price price;
	struct wei amount;
	struct reply reply;
};

static struct money_order *money_order(struct orchestrator *o)
{
	struct money_order *q = XNEW(struct money_order);

	q->o = o;
	return q;
}

static void on_set_price(void *ctx)
{
	struct money_order *q = ctx;

	if (q->o->cashier && q->has_price)
		cashier_set_price(q->o->cashier, q->has_sender ? &q->sender : NULL,
			q->price);
	else if (q->o->cashier)
		cashier_unset_price(q->o->cashier, q->sender);
	free(q);
}

void orchestrator_set_price(struct orchestrator *o, const struct eth_addr *sender,
	const struct price *price)
{
	struct money_order *q = money_order(o);

	assert(sender || price);
	q->has_sender = sender != NULL;
	q->has_price = price != NULL;
	if (sender)
		q->sender = *sender;
	if (price)
		q->price = *price;
	actor_post(o->actor, on_set_price, q);
}

static void on_set_auto_adjust(void *ctx)
{
	struct money_order *q = ctx;

	if (q->o->cashier)
		cashier_set_auto_adjust(q->o->cashier, q->on);
	free(q);
}

void orchestrator_set_auto_adjust(struct orchestrator *o, bool on)
{
	struct money_order *q = money_order(o);

	q->on = on;
	actor_post(o->actor, on_set_auto_adjust, q);
}

static void on_set_max_face_value(void *ctx)
{
	struct money_order *q = ctx;

	if (q->o->cashier)
		cashier_set_max_face_value(q->o->cashier, q->amount);
	free(q);
}

void orchestrator_set_max_face_value(struct orchestrator *o, struct wei max)
{
	struct money_order *q = money_order(o);

	q->amount = max;
	actor_post(o->actor, on_set_max_face_value, q);
}

static void on_set_ticket_ev(void *ctx)
{
	struct money_order *q = ctx;

	if (q->o->cashier)
		cashier_set_ticket_ev(q->o->cashier, q->amount);
	free(q);
}

void orchestrator_set_ticket_ev(struct orchestrator *o, struct wei ev)
{
	struct money_order *q = money_order(o);

	q->amount = ev;
	actor_post(o->actor, on_set_ticket_ev, q);
}

void orchestrator_on_pending(void *ctx, struct eth_addr sender, struct wei pending)
{
	struct orchestrator *o = ctx;

	ASSERT_ON(o->actor);
	if (o->cashier)
		cashier_set_pending(o->cashier, sender, pending);
}

/* A broadcaster's sessions here, and what is left of its money in them. */
static void fill_sender(const struct orchestrator *o, struct funds_row *row)
{
	struct eth_addr sender;
	struct credit sum = CREDIT_ZERO, one;

	if (!addr_parse(&sender, view_text(row->address)))
		return;
	for (const struct session *s = o->sessions; s; s = s->hh.next) {
		if (!addr_eq(s->sender, sender))
			continue;
		row->sessions++;
		if (cashier_balance(o->cashier, sender, s->id, &one) &&
			credit_add(&one, sum, one))
			sum = one;
	}
	view_set_credit(&row->credit, sum);
}

static void on_pricing(void *ctx)
{
	struct money_order *q = ctx;
	struct orchestrator *o = q->o;
	struct view_pricing *v = NULL;

	if (o->cashier) {
		v = XNEW(struct view_pricing);
		cashier_view(o->cashier, v);
		for (size_t i = 0; i < v->senders.n; i++)
			fill_sender(o, &v->senders.v[i]);
	}
	reply_send(q->reply, v ? NULL : err_new(ERR_INVALID, "off-chain nobody pays"), v);
	free(q);
}

void orchestrator_pricing(struct orchestrator *o, struct reply reply)
{
	struct money_order *q = money_order(o);

	q->reply = reply;
	actor_post(o->actor, on_pricing, q);
}

bool orchestrator_sign(const struct orchestrator *o, struct signature *out,
	const void *bytes, size_t n)
{
	return o->cashier && cashier_sign_message(o->cashier, out, bytes, n);
}
