#include "src/pay/reserve.h"

struct wei reserve_share(const struct sender_funds *f, uint64_t pool_size)
{
	struct wei total = wei_add_or_max(f->reserve, f->claimed);

	if (!pool_size)
		return WEI_ZERO;
	return wei_sub_or_zero(wei_div(total, pool_size), f->claimed_by_us);
}

struct wei reserve_max_float(const struct sender_funds *f, uint64_t pool_size,
	struct wei pending)
{
	struct wei share = reserve_share(f, pool_size), thrice;

	if (!wei_is_zero(pending) && wei_mul(&thrice, pending, 3) &&
		wei_cmp(f->deposit, thrice) >= 0)
		return share;
	return wei_sub_or_zero(share, pending);
}

struct wei reserve_payout(const struct sender_funds *f, uint64_t pool_size,
	struct wei face_value)
{
	/* The contract pays no more of the reserve than is in it. */
	struct wei claimable = wei_min(reserve_share(f, pool_size), f->reserve);

	return wei_min(face_value, wei_add_or_max(f->deposit, claimable));
}

bool reserve_is_unlocking(const struct sender_funds *f, struct round_no initialized)
{
	return f->withdraw_round.v > 0 && f->withdraw_round.v - 1 <= initialized.v;
}
