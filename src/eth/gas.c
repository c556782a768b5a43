#include "src/eth/gas.h"

static struct wei wei_max(struct wei a, struct wei b)
{
	return wei_cmp(a, b) >= 0 ? a : b;
}

static bool is_above(struct wei price, struct wei ceiling)
{
	return !wei_is_zero(ceiling) && wei_cmp(price, ceiling) > 0;
}

struct wei gas_now(const struct gas_market *m, struct wei min)
{
	return wei_max(min, m->is_1559 ? wei_add_or_max(m->base_fee, m->tip) : m->legacy);
}

struct wei gas_ceiling(const struct gas_bounds *b, struct wei max_cost, struct gas gas)
{
	struct wei each;

	if (wei_is_zero(max_cost) || !gas.v) /* raw: a divisor */
		return b->max;
	each = wei_max(wei_div(max_cost, gas.v), wei_from(1)); /* raw: wei per gas */
	return wei_is_zero(b->max) ? each : wei_min(each, b->max);
}

bool gas_offer(struct gas_offer *out, const struct gas_market *m, struct wei min,
	struct wei ceiling)
{
	struct wei now = gas_now(m, min);

	if (is_above(now, ceiling))
		return false;
	*out = (struct gas_offer){ .is_1559 = m->is_1559, .price = now };
	if (!m->is_1559)
		return true;
	/* Room for the base fee to double: six full blocks in a row. */
	out->tip = m->tip;
	out->price = wei_max(now, wei_add_or_max(wei_add_or_max(m->base_fee,
		m->base_fee), m->tip));
	if (is_above(out->price, ceiling))
		out->price = ceiling;
	return true;
}

/* 111 %, and never the same. */
static struct wei more(struct wei a)
{
	struct wei m;

	if (!wei_mul(&m, a, 111))
		return a;
	m = wei_div(wei_add_or_max(m, wei_from(99)), 100);
	return wei_max(m, wei_add_or_max(a, wei_from(1)));
}

bool gas_raise(struct gas_offer *out, const struct gas_offer *old,
	const struct gas_market *m, struct wei min, struct wei ceiling)
{
	struct gas_offer fresh;
	struct wei least = more(old->price);

	if (is_above(least, ceiling) || !gas_offer(&fresh, m, min, ceiling))
		return false;
	*out = (struct gas_offer){
		.is_1559 = old->is_1559,
		.price = wei_max(least, fresh.price),
	};
	if (old->is_1559)
		out->tip = wei_min(out->price, wei_max(more(old->tip), m->tip));
	return true;
}

struct wei gas_cost(const struct gas_offer *o, struct gas gas)
{
	struct wei cost;

	/* What is no amount is more than anybody has. */
	return wei_of_gas(&cost, gas, o->price) ? cost : (struct wei){ U256_MAX };
}
