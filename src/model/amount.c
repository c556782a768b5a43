#include "src/model/amount.h"

#include <assert.h>

static struct u256 times(struct u256 a, uint64_t n)
{
	struct u256 product;

	if (!u256_mul(&product, a, u256_from(n)))
		return U256_MAX;
	return product;
}

/* --- wei, lpt --- */

struct wei wei_from(uint64_t wei)
{
	return (struct wei){ u256_from(wei) };
}

struct wei wei_from_gwei(uint64_t gwei)
{
	return (struct wei){ times(u256_from(gwei), 1000000000) };
}

bool wei_add(struct wei *out, struct wei a, struct wei b)
{
	return u256_add(&out->v, a.v, b.v);
}

bool wei_sub(struct wei *out, struct wei a, struct wei b)
{
	return u256_sub(&out->v, a.v, b.v);
}

struct wei wei_sub_or_zero(struct wei a, struct wei b)
{
	struct wei left;

	return wei_sub(&left, a, b) ? left : WEI_ZERO;
}

struct wei wei_add_or_max(struct wei a, struct wei b)
{
	struct wei sum;

	return wei_add(&sum, a, b) ? sum : (struct wei){ U256_MAX };
}

bool wei_mul(struct wei *out, struct wei a, uint64_t n)
{
	return u256_mul(&out->v, a.v, u256_from(n));
}

struct wei wei_div(struct wei a, uint64_t n)
{
	return (struct wei){ u256_div(a.v, u256_from(n), NULL) };
}

int wei_cmp(struct wei a, struct wei b)
{
	return u256_cmp(a.v, b.v);
}

struct wei wei_min(struct wei a, struct wei b)
{
	return wei_cmp(a, b) < 0 ? a : b;
}

bool wei_is_zero(struct wei a)
{
	return u256_is_zero(a.v);
}

bool wei_of_gas(struct wei *out, struct gas gas, struct wei price)
{
	return wei_mul(out, price, gas.v);
}

bool lpt_add(struct lpt *out, struct lpt a, struct lpt b)
{
	return u256_add(&out->v, a.v, b.v);
}

bool lpt_sub(struct lpt *out, struct lpt a, struct lpt b)
{
	return u256_sub(&out->v, a.v, b.v);
}

int lpt_cmp(struct lpt a, struct lpt b)
{
	return u256_cmp(a.v, b.v);
}

bool lpt_is_zero(struct lpt a)
{
	return u256_is_zero(a.v);
}

/* --- price --- */

static struct u256 gcd(struct u256 a, struct u256 b)
{
	while (!u256_is_zero(b)) {
		struct u256 rest;

		u256_div(a, b, &rest);
		a = b;
		b = rest;
	}
	return a;
}

bool price_of_ratio(struct price *out, struct u256 num, struct u256 den)
{
	struct u256 common = gcd(num, den);

	out->per.v = u256_div(num, common, NULL);
	return u256_to_u64(&out->unit.v, u256_div(den, common, NULL));
}

int price_cmp(struct price a, struct price b)
{
	/* Cross-multiplied; over 2^256 they saturate, and no such price is. */
	return u256_cmp(times(a.per.v, b.unit.v), times(b.per.v, a.unit.v));
}

bool price_eq(struct price a, struct price b)
{
	return price_cmp(a, b) == 0;
}

bool price_is_free(struct price p)
{
	return wei_is_zero(p.per);
}

bool price_to_wire(int64_t *per, int64_t *unit, struct price p)
{
	struct price reduced;
	uint64_t n;

	if (!price_of_ratio(&reduced, p.per.v, u256_from(p.unit.v)) ||
		!u256_to_u64(&n, reduced.per.v) || n > INT64_MAX ||
		reduced.unit.v > INT64_MAX)
		return false;
	*per = (int64_t)n;
	*unit = (int64_t)reduced.unit.v;
	return true;
}

bool price_from_wire(struct price *out, int64_t per, int64_t unit)
{
	if (per < 0 || unit < 1)
		return false;
	*out = (struct price){ wei_from((uint64_t)per), { (uint64_t)unit } };
	return true;
}

struct price price_with_overhead(struct price base, struct wei face,
	struct wei tx_cost)
{
	struct u256 whole, thousandths;
	struct price p = PRICE_FREE;

	if (price_is_free(base))
		return PRICE_FREE;
	if (wei_is_zero(face) || wei_is_zero(tx_cost))
		whole = face.v = u256_from(1);
	else if (!u256_add(&whole, face.v, tx_cost.v))
		return base;
	if (!u256_mul_div(&thousandths, times(base.per.v, 1000), whole,
		    times(face.v, base.unit.v)) ||
		!price_of_ratio(&p, thousandths, u256_from(1000)))
		return base;
	return p;
}

/* --- prob, credit --- */

static const struct u256 one_credit = { { 0, 0, 1, 0 } }; /* 2^128 */

bool credit_of_ticket(struct credit *ev, struct wei face, struct prob p)
{
	struct u256 scaled;

	ev->neg = false;
	return u256_mul(&scaled, face.v, one_credit) &&
	       u256_mul_div(&ev->v, scaled, p.v, U256_MAX);
}

bool credit_from_wei(struct credit *out, struct wei a)
{
	out->neg = false;
	return u256_mul(&out->v, a.v, one_credit);
}

static struct credit negated(struct credit a)
{
	a.neg = !a.neg && !u256_is_zero(a.v);
	return a;
}

bool credit_add(struct credit *out, struct credit a, struct credit b)
{
	if (a.neg == b.neg) {
		out->neg = a.neg;
		return u256_add(&out->v, a.v, b.v);
	}
	if (u256_cmp(a.v, b.v) < 0) {
		struct credit swap = a;

		a = b;
		b = swap;
	}
	if (!u256_sub(&out->v, a.v, b.v))
		assert(!"the larger less the smaller");
	out->neg = a.neg && !u256_is_zero(out->v);
	return true;
}

bool credit_sub(struct credit *out, struct credit a, struct credit b)
{
	return credit_add(out, a, negated(b));
}

bool credit_times(struct credit *out, struct credit a, uint64_t n)
{
	out->neg = a.neg && n;
	return u256_mul(&out->v, a.v, u256_from(n));
}

int credit_cmp(struct credit a, struct credit b)
{
	if (a.neg != b.neg)
		return a.neg ? -1 : 1;
	return a.neg ? u256_cmp(b.v, a.v) : u256_cmp(a.v, b.v);
}

bool credit_is_zero(struct credit a)
{
	return u256_is_zero(a.v);
}

bool credit_of_pixels(struct credit *fee, struct price p, struct pixels n,
	uint64_t num, uint64_t den, enum rounding dir)
{
	struct u256 wei, over;

	fee->neg = false;
	if (!u256_mul(&wei, p.per.v, u256_from(n.v)) ||
		!u256_mul(&wei, wei, u256_from(num)) ||
		!u256_mul(&over, u256_from(p.unit.v), u256_from(den)))
		return false;
	return dir == ROUND_UP ? u256_mul_div_up(&fee->v, wei, one_credit, over)
			       : u256_mul_div(&fee->v, wei, one_credit, over);
}

bool credit_count(uint64_t *n, struct credit need, struct credit each,
	uint64_t limit)
{
	struct u256 count;

	assert(!each.neg && !u256_is_zero(each.v));
	*n = 0;
	if (need.neg)
		return true;
	return u256_mul_div_up(&count, need.v, u256_from(1), each.v) &&
	       u256_to_u64(n, count) && *n <= limit;
}

bool credit_to_wei(struct wei *out, struct credit a)
{
	out->v = (struct u256){ { a.v.limb[2], a.v.limb[3] } };
	return !a.neg;
}

bool u256_perc_of(struct u256 *out, struct u256 a, struct u256 n, struct u256 d,
	uint64_t divisor)
{
	struct u256 perc;

	return u256_mul_div(&perc, n, u256_from(divisor), d) &&
	       u256_mul_div(out, a, perc, u256_from(divisor));
}
