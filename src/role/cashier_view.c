/* What the operator sees of prices and of the broadcasters that pay. Runs on
 * the orch actor. */
#include <string.h>

#include "src/model/view_money.h"
#include "src/role/cashier_private.h"

#define ROWS_MAX 200

/* For display only. */
static double ratio(struct u256 a, struct u256 b)
{
	double d = u256_to_double(b);

	return d > 0 ? u256_to_double(a) / d : 0;
}

static void customer_row(const struct cashier *c, const struct customer *who,
	struct funds_row *row)
{
	view_set_addr(&row->address, who->address);
	view_set_credit(&row->received, who->received);
	view_set_wei(&row->pending, who->pending);
	view_set(&row->last_error, who->last_error);
	row->last_error_ms = who->last_error_ms;
	if (!who->has_funds)
		return;
	view_set_wei(&row->deposit, who->funds.deposit);
	view_set_wei(&row->reserve, who->funds.reserve);
	row->withdraw_round = who->funds.withdraw_round.v;
	if (!c->facts.ready)
		return;
	view_set_wei(&row->max_float, cashier_max_float(c, who));
	view_set_wei(&row->face_value, recipient_face_value(c->recipient, c->facts.gas_price,
		cashier_max_float(c, who)));
	view_set_price(&row->price, cashier_price_for(c, who));
}

/* What a sender with any reserve is asked for. */
static void ticket_terms(const struct cashier *c, struct view_pricing *out)
{
	static const struct wei plenty = { { { UINT64_MAX, UINT64_MAX } } }; /* 2^128 */
	static const uint8_t seed[32];
	struct wei gas_price = c->facts.gas_price;
	struct wei cost = recipient_tx_cost(c->recipient, gas_price);
	struct price price = c->o.price;
	struct ticket_params p;
	struct str s = STR_INIT;

	if (!c->facts.ready)
		return;
	view_set_wei(&out->tx_cost, cost);
	if (!recipient_params(c->recipient, &p, c->o.recipient, price, plenty, &c->facts, seed))
		return;
	if (c->o.auto_adjust)
		price = price_with_overhead(price, p.face_value, cost);
	view_set_price(&out->advertised, price);
	view_set_wei(&out->face_value, p.face_value);
	prob_fmt(&s, p.win_prob);
	view_set(&out->win_prob, s.s);
	str_clear(&s);
	out->overhead_pct = 100 * ratio(cost.v, p.face_value.v); /* raw: for display */
}

void cashier_view(const struct cashier *c, struct view_pricing *out)
{
	struct customer *who = c->customers;
	size_t skip = HASH_COUNT(c->customers);

	view_set_price(&out->price, c->o.price);
	out->auto_adjust = c->o.auto_adjust;
	view_set_wei(&out->ticket_ev, recipient_ev(c->recipient));
	if (!wei_is_zero(c->o.max_face_value)) /* else there is none */
		view_set_wei(&out->max_face_value, c->o.max_face_value);
	view_setf(&out->redeem_gas, "%llu gas",
		(unsigned long long)c->o.redeem_gas.v); /* raw: a count */
	ticket_terms(c, out);
	for (struct special_price *p = c->prices; p; p = p->hh.next) {
		struct peer_price_row *row = VIEW_ADD(&out->per_broadcaster);

		view_set_addr(&row->address, p->address);
		view_set_price(&row->price, p->price);
		row->wei_per_pixel = ratio(p->price.per.v, /* raw: for display */
			u256_from(p->price.unit.v)); /* raw: for display */
	}
	/* The latest ones, in the order of their last visit. */
	for (skip = skip > ROWS_MAX ? skip - ROWS_MAX : 0; skip; skip--)
		who = who->hh.next;
	for (; who; who = who->hh.next)
		customer_row(c, who, VIEW_ADD(&out->senders));
}
